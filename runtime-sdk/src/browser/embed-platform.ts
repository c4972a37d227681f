import type { SessionPlatform } from "../session/entry.ts";
import { threadOf } from "./thread.ts";

/** The bundled worker, beside the bundle. Named in one place more: scripts/build-embed.mjs. */
const workerUrl = new URL(/* @vite-ignore */ "./worker.js", import.meta.url);

/**
 * Starts the worker, also when the package is on another site than the page: a browser refuses another site's script as a worker, but
 * a worker made here may import it.
 */
function startWorker(): Worker {
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
  wasmUrl: new URL(/* @vite-ignore */ "./v86.wasm", import.meta.url).href,
  firmwareUrl: new URL(/* @vite-ignore */ "./", import.meta.url).href,
  resolveAddress: (address) => new URL(address, document.baseURI).href,
};
