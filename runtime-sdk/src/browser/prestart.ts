/** Has the next machine's thread load its script already, while the page loads the rest of the library. */
import { machineWorker } from "./machine-worker.ts";

let waiting: Worker | null = null;

/**
 * Starts the thread of the next machine. To be called first of all on a page that is going to boot one; it needs nothing else of the library. A
 * thread that no machine takes waits for as long as the page is there.
 */
export function prestart(): void {
  if (waiting) return;
  const worker = machineWorker();
  waiting = worker;
  // The machine starts one of its own then, which tells why it fails.
  worker.onerror = (event) => {
    event.preventDefault();
    if (waiting === worker) waiting = null;
  };
}

/** @internal The thread that waits, once, or a new one. */
export function takeWorker(): Worker {
  const worker = waiting ?? machineWorker();
  waiting = null;
  return worker;
}
