import { browserPlatform } from "../../dist/browser/platform.js";
import { threadOf } from "../../dist/browser/thread.js";

/** A platform whose thread can be hurt. */
export function faultyPlatform() {
  let worker: Worker | undefined;
  return {
    platform: {
      ...browserPlatform,
      createThread: () => {
        worker = new Worker(new URL("./faulty-worker-browser.js", import.meta.url), { type: "module" });
        return threadOf(worker);
      },
    },
    post: (message: object) => worker?.postMessage(message),
    kill: () => worker?.terminate(),
  };
}
