import { type PrestartOptions, prestart } from "warmboot/prestart";
import { type MachineAddress, readAddress } from "./address.ts";
import type {} from "./page-api.ts";
import { byId } from "./ui/element.ts";
import { brokenPageView, unknownEngineView, unusableAddressView } from "./ui/notice-view.ts";

const MOST_MS = 500;

const request = readAddress(new URL(location.href));
if (request.kind === "machine") {
  // WHY first, and the rest in files of their own: a worker takes as long to start as all else on the way to a machine.
  prestart(beginningOf(request));
  showMachine(request).catch((error) => {
    showInstead(brokenPageView(String(error)));
    throw error;
  });
} else {
  showInstead(request.kind === "unusable" ? unusableAddressView(request.problem) : unknownEngineView(request.engine));
}

/** What of it can be fetched before the rest of the page is there: what a new machine goes on from. */
function beginningOf({ image, memoryMb, coldBoot, machine }: MachineAddress): PrestartOptions {
  return typeof image === "string" && memoryMb === null && !coldBoot ? { image, isNew: machine === null } : {};
}

async function showMachine(request: MachineAddress): Promise<void> {
  const { Machine } = await import("./machine/machine.ts");
  const machine = new Machine(request);
  void machine.start();
  // WHY not before: the terminals take this thread a while, and the machine goes on in its own meanwhile.
  const [{ MachinePage }] = await Promise.all([import("./machine-page.ts"), soon(machine.underWay)]);
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
}

/** A page instead of a machine. */
function showInstead(view: HTMLElement): void {
  const overlay = byId("overlay", HTMLElement);
  overlay.replaceChildren(view);
  overlay.hidden = false;
  for (const id of ["tabs", "new-terminal", "note", "status", "new-machine", "open-help"])
    byId(id, HTMLElement).hidden = true;
}

/** Waits for something that ought to be done soon, and no longer. */
function soon(promise: Promise<void>): Promise<void> {
  return Promise.race([promise, new Promise<void>((resolve) => setTimeout(resolve, MOST_MS))]);
}
