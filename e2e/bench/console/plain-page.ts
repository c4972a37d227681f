import type { Page } from "@playwright/test";
import type { PlainMachineConfig } from "../plain/machine.ts";
import type { PlainRequest } from "./plain-worker.ts";
import type { Transfer } from "./random-bytes.ts";

declare const plainMachine: PlainMachineConfig;
declare global {
  interface Window {
    askPlain?: (request: PlainRequest) => Promise<Transfer>;
  }
}

/** Starts the baseline's worker in its page and boots its machine. */
export async function startPlain(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const worker = new Worker("/plain/bench/console/plain-worker.js", { type: "module" });
    window.askPlain = (request) =>
      new Promise((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Transfer>) => resolve(data);
        worker.onerror = (event) => reject(new Error(event.message));
        worker.postMessage(request);
      });
    await window.askPlain({ do: "boot", config: plainMachine });
  });
}

/** Ms for the guest's file to reach the host. */
export function plainOut(page: Page): Promise<number> {
  return page.evaluate(async () => (await window.askPlain?.({ do: "out" }))?.ms ?? Number.NaN);
}

/** Gives `window.benchBytes` to the guest. */
export function plainIn(page: Page): Promise<Transfer> {
  return page.evaluate(async () => {
    if (!window.benchBytes || !window.askPlain) throw new Error("no bytes, or no machine");
    return window.askPlain({ do: "in", bytes: window.benchBytes });
  });
}
