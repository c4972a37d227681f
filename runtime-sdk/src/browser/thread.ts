import type { FromWorker } from "../machine/index.ts";
import type { MachineThread } from "../session/entry.ts";

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
