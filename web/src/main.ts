import { type PrestartOptions, prestart } from "warmboot/prestart";
import { type MachineAddress, type PageRequest, readAddress } from "./address.ts";
import { elementsReady, stylesReady } from "./document-ready.ts";
import { isFramedByStranger } from "./framing.ts";
import { isSmallDevice } from "./machine/device.ts";
import { holdVersion } from "./offline/hold-version.ts";
import type {} from "./page-api.ts";
import { showBrokenPage } from "./ui/broken-page.ts";

const MOST_MS = 500;

const request = isFramedByStranger() ? ({ kind: "framed" } as const) : readAddress(new URL(location.href));
// WHY first, and the rest in files of their own: a worker takes as long to start as all else on the way to a machine.
if (request.kind === "machine") prestart(beginningOf(request));
show(request).catch(async (error) => {
  await elementsReady();
  showBrokenPage(String(error));
  throw error;
});

holdVersion(import.meta.url);

/** What of it can be had before the rest of the page is there: what it goes on from. */
function beginningOf({ image, memoryMb, diskMb, coldBoot, machine }: MachineAddress): PrestartOptions {
  const isTheImages = memoryMb === null && !isSmallDevice() && diskMb === null && !coldBoot;
  return { machine, ...(typeof image === "string" && isTheImages && { image }) };
}

async function show(request: PageRequest | { readonly kind: "framed" }): Promise<void> {
  if (request.kind === "machine") return showMachine(request);
  const [{ showNotice }] = await Promise.all([import("./notice-page.tsx"), elementsReady()]);
  showNotice(request);
}

async function showMachine(request: MachineAddress): Promise<void> {
  const [{ Machine }] = await Promise.all([import("./machine/machine.ts"), elementsReady()]);
  const machine = new Machine(request);
  void machine.start();
  // WHY not before: the terminals take this thread a while, and the machine goes on in its own meanwhile.
  const [{ openPage }] = await Promise.all([import("./app.tsx"), soon(machine.underWay), stylesReady()]);
  const page = openPage(machine, request.machine);
  window.warmboot = {
    get session() {
      return page.session;
    },
    get terminals() {
      return page.terminals.list.value;
    },
    get activeTerminal() {
      return page.terminals.active.value;
    },
  };
}

/** Waits for something that ought to be done soon, and no longer. */
function soon(promise: Promise<void>): Promise<void> {
  return Promise.race([promise, new Promise<void>((resolve) => setTimeout(resolve, MOST_MS))]);
}
