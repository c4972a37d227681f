import type { SessionPlatform } from "../session/entry.ts";
import { page } from "./page.ts";
import { threadOf } from "./thread.ts";

const beside = (file: string) => new URL(/* @vite-ignore */ file, import.meta.url);

/**
 * Starts the worker, also when the package is on another site than the page: a browser refuses another site's script as a worker, but
 * a worker made here may import it.
 */
function startWorker(): Worker {
  const workerUrl = beside("worker.js");
  const options = { type: "module", name: "warmboot machine" } as const;
  if (workerUrl.origin === location.origin) return new Worker(workerUrl, options);
  const source = new Blob([`import ${JSON.stringify(workerUrl.href)};`], { type: "text/javascript" });
  const url = URL.createObjectURL(source);
  const worker = new Worker(url, options);
  // WHY not at once: the worker fetches its script later. One that fails fires `error`, and the address dies with the page.
  worker.addEventListener("message", () => URL.revokeObjectURL(url), { once: true });
  return worker;
}

/** What the bundle has in the place of `browserPlatform`: everything lies beside it. */
export const browserPlatform: SessionPlatform = {
  createThread: () => threadOf(startWorker()),
  wasmUrl: beside("v86.wasm").href,
  firmware: { biosUrl: beside("bios.bin").href, vgaBiosUrl: beside("vgabios-stdvga.bin").href },
  ...page,
};
