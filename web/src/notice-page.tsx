import { render } from "preact";
import type { PageRequest } from "./address.ts";
import { byId } from "./ui/broken-page.ts";
import { UnknownEngineView, UnusableAddressView } from "./ui/notice-view.tsx";

/** A page that says why its address gives no machine. */
export function showNotice(request: Exclude<PageRequest, { kind: "machine" }>): void {
  const cover = byId("overlay");
  cover.hidden = false;
  render(
    request.kind === "unusable" ? (
      <UnusableAddressView problem={request.problem} />
    ) : (
      <UnknownEngineView engine={request.engine} />
    ),
    cover,
  );
}
