import type { FromWorker } from "../machine/index.ts";
import type { MachineThread, SessionPlatform } from "../session/index.ts";

/** A worker as the session sees it. */
export function threadOf(worker: Worker): MachineThread {
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer as Transferable[]),
    onMessage: (listener) => {
      worker.onmessage = (event: MessageEvent<FromWorker>) => listener(event.data);
    },
    onFailure: (listener) => {
      worker.onerror = (event) => {
        event.preventDefault();
        listener(event.message ?? "its script could not be loaded");
      };
    },
    terminate: async () => worker.terminate(),
  };
}

export const browserPlatform: SessionPlatform = {
  createThread: () =>
    threadOf(
      new Worker(new URL("../worker/browser.js", import.meta.url), { type: "module", name: "warmboot machine" }),
    ),
  wasmUrl: new URL("../assets/v86.wasm", import.meta.url).href,
  firmware: {
    biosUrl: new URL("../assets/bios.bin", import.meta.url).href,
    vgaBiosUrl: new URL("../assets/vgabios-stdvga.bin", import.meta.url).href,
  },
  resolveAddress: (address) => new URL(address, document.baseURI).href,
};
