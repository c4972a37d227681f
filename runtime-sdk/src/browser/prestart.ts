/** Has the next machine's thread load its script already, while the page loads the rest of the library. */
import type { ToWorker } from "../machine/index.ts";
import { readAhead } from "../snapshot/read-ahead.ts";
import { DEFAULT_DATABASE } from "./default-database.ts";
import { machineWorker } from "./machine-worker.ts";
import { prefetch, prefetchWasm } from "./prefetch.ts";
import { WASM_URL } from "./wasm-url.ts";

/** What is known already of the machine that is going to be booted. */
export interface PrestartOptions {
  /**
   * Address of its image's manifest: it is fetched already, with what a new machine of it goes on from, unless there is a saved one to go on from.
   * Default: none.
   */
  readonly image?: string | URL;
  /**
   * Name of the machine, if it is kept in the browser: what was saved of it is read already.
   * @default null: it is not kept, and new
   */
  readonly machine?: string | null;
}

let waiting: Worker | null = null;

/**
 * Starts the thread of the next machine. To be called first of all on a page that is going to boot one; it needs nothing else of the library. A
 * thread that no machine takes waits for as long as the page is there.
 * @example prestart({ image: "/images/default/image.json", machine: "work" });
 */
export function prestart({ image, machine = null }: PrestartOptions = {}): void {
  if (waiting) return;
  const worker = machineWorker();
  waiting = worker;
  // The machine starts one of its own then, which tells why it fails.
  worker.onerror = (event) => {
    event.preventDefault();
    if (waiting === worker) waiting = null;
  };
  const post = (message: ToWorker, transfer: ArrayBuffer[] = []) => worker.postMessage(message, transfer);
  void prefetchWasm(WASM_URL, post);
  const isNew =
    machine === null ? Promise.resolve(true) : readAhead(DEFAULT_DATABASE, machine).then((isThere) => !isThere);
  if (image === undefined) return;
  const url = new URL(image, document.baseURI).href;
  post({
    type: "prepare",
    image: { kind: "manifest", url },
    wasmUrl: WASM_URL,
    memoryMb: null,
    diskMb: null,
    traceChunks: false,
    restores: true,
  });
  void prefetch(url, isNew, post);
}

/** @internal The thread that waits, once, or a new one. */
export function takeWorker(): Worker {
  const worker = waiting ?? machineWorker();
  waiting = null;
  return worker;
}
