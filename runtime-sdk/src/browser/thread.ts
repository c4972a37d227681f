import type { FromWorker } from "../machine/index.ts";
import { FirstFailure, type MachineThread } from "../session/entry.ts";

/** A worker as the session sees it. */
export function threadOf(worker: Worker): MachineThread {
  const failure = new FirstFailure();
  worker.onerror = (event) => {
    event.preventDefault();
    failure.tell(event.message ?? "its script could not be loaded");
  };
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer as Transferable[]),
    onMessage: (listener) => {
      worker.onmessage = (event: MessageEvent<FromWorker>) => listener(event.data);
    },
    onFailure: (listener) => failure.listen(listener),
    terminate: async () => worker.terminate(),
  };
}
