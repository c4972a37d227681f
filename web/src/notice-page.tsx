import { render } from "preact";
import type { PageRequest } from "./address.ts";
import { byId } from "./ui/broken-page.ts";
import { FramedView, UnknownEngineView, UnusableAddressView } from "./ui/notice-view.tsx";

/** Why there is no machine: because of the address, or because another site shows the page in a frame. */
type NoMachine = Exclude<PageRequest, { kind: "machine" }> | { readonly kind: "framed" };

/** A page that says why there is no machine. */
export function showNotice(request: NoMachine): void {
  const cover = byId("overlay");
  cover.hidden = false;
  render(viewOf(request), cover);
}

function viewOf(request: NoMachine) {
  switch (request.kind) {
    case "unusable":
      return <UnusableAddressView problem={request.problem} />;
    case "unknown-engine":
      return <UnknownEngineView engine={request.engine} />;
    case "framed":
      return <FramedView />;
  }
}
