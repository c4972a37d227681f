/** What comes up with the machine has the processor to itself for so long. */
const HEADSTART_MS = 700;
const LATEST_MS = 3000;

/** Runs what nobody waits for, once what they do wait for has had its time. */
export function whenIdle(run: () => void): void {
  setTimeout(() => {
    // Not all browsers can tell when they are idle.
    if (typeof requestIdleCallback === "function") requestIdleCallback(run, { timeout: LATEST_MS });
    else run();
  }, HEADSTART_MS);
}
