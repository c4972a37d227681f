import { readAddress } from "./address.ts";
import { Machine } from "./machine/machine.ts";
import type {} from "./page-api.ts";
import { byId } from "./ui/element.ts";
import { unknownEngineView, unusableAddressView } from "./ui/notice-view.ts";

const request = readAddress(new URL(location.href));
if (request.kind === "machine") {
  const machine = new Machine(request);
  void machine.start();
  // WHY a file of its own: the machine is on its way while the terminals are still being loaded.
  const { MachinePage } = await import("./machine-page.ts");
  const page = new MachinePage(machine, request.machine);
  window.warmboot = {
    get session() {
      return page.session;
    },
    get terminals() {
      return page.terminals.list;
    },
    get activeTerminal() {
      return page.terminals.active;
    },
  };
  page.show();
} else {
  const overlay = byId("overlay", HTMLElement);
  overlay.append(
    request.kind === "unusable" ? unusableAddressView(request.problem) : unknownEngineView(request.engine),
  );
  overlay.hidden = false;
  for (const id of ["tabs", "new-terminal", "note", "status", "new-machine", "open-help"])
    byId(id, HTMLElement).hidden = true;
}
