/** A worker that runs one machine. */
export function machineWorker(): Worker {
  return new Worker(new URL("../worker/browser.js", import.meta.url), { type: "module", name: "warmboot machine" });
}
