import type { MachinePage } from "../machine-page.tsx";

const SETTLE_MS = 3000;

let begun = false;

/** Begins to keep the site for use without a network, once, when nobody waits for the page any more. */
export function keepOfflineSoon(page: MachinePage): void {
  // In a frame of another page it would be that page's visitors whose room is taken.
  if (begun || !("serviceWorker" in navigator) || window.top !== window) return;
  begun = true;
  setTimeout(() => {
    import("./start.ts").then(
      ({ startOffline }) => startOffline(page),
      () => {
        // Not to be had now: with the next start of a machine.
        begun = false;
      },
    );
  }, SETTLE_MS);
}
