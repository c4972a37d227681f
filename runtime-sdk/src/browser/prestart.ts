/** Has the next machine's thread load its script already, while the page loads the rest of the library. */
import { DEFAULT_DATABASE } from "./default-database.ts";
import { machineWorker } from "./machine-worker.ts";
import { prefetchBase } from "./prefetch.ts";

/** What is known already of the machine that is going to be booted. */
export interface PrestartOptions {
  /**
   * Address of its image's manifest. What a new machine of it goes on from is fetched already, if nothing was ever saved in this browser. Default:
   * none.
   */
  readonly image?: string | URL;
  /** Nothing will be read from the store: fetch it in any case. @default false */
  readonly isNew?: boolean;
}

let waiting: Worker | null = null;

/**
 * Starts the thread of the next machine. To be called first of all on a page that is going to boot one; it needs nothing else of the library. A
 * thread that no machine takes waits for as long as the page is there.
 * @example prestart({ image: "/images/default/image.json" });
 */
export function prestart({ image, isNew = false }: PrestartOptions = {}): void {
  if (waiting) return;
  const worker = machineWorker();
  waiting = worker;
  // The machine starts one of its own then, which tells why it fails.
  worker.onerror = (event) => {
    event.preventDefault();
    if (waiting === worker) waiting = null;
  };
  if (image !== undefined) void fetchIfNew(new URL(image, document.baseURI).href, isNew, worker);
}

/** @internal The thread that waits, once, or a new one. */
export function takeWorker(): Worker {
  const worker = waiting ?? machineWorker();
  waiting = null;
  return worker;
}

async function fetchIfNew(image: string, isNew: boolean, worker: Worker): Promise<void> {
  if (!isNew && (await maySaved())) return;
  // A machine has it already, and fetches by itself: nothing is to be fetched twice.
  if (waiting !== worker) return;
  await prefetchBase(image, (message, transfer) => worker.postMessage(message, transfer));
}

/** Whether a machine may have been saved here. */
async function maySaved(): Promise<boolean> {
  try {
    return (await indexedDB.databases()).some(({ name }) => name === DEFAULT_DATABASE);
  } catch {
    return true;
  }
}
