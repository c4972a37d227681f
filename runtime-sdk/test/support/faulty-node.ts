import { Worker } from "node:worker_threads";
import { nodePlatform, threadOf } from "../../dist/node/platform.js";

/** A platform whose thread can be hurt. */
export function faultyPlatform() {
  let worker: Worker | undefined;
  return {
    platform: {
      ...nodePlatform,
      createThread: () => {
        worker = new Worker(new URL("./faulty-worker-node.mjs", import.meta.url));
        return threadOf(worker);
      },
    },
    post: (message: object) => worker?.postMessage(message),
    kill: () => void worker?.terminate(),
  };
}
