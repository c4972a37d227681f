import type { MachinePage } from "../machine-page.tsx";
import { mayLeave } from "../panels/machines/leave.ts";
import type { ToServiceWorker } from "./names.ts";

const HOUR_MS = 3_600_000;
const MOST_MS = 10_000;
const AGAIN_MS = 20_000;

/** Tells the person of new versions of the site; none takes the place of the one that is open by itself. */
export function followUpdates(page: MachinePage, registration: ServiceWorkerRegistration): void {
  const offer = () => {
    page.state.update.value = () => <UpdateNotice page={page} registration={registration} />;
  };
  const watch = (worker: ServiceWorker | null) =>
    worker?.addEventListener("statechange", () => {
      if (worker.state === "installed" && registration.active) offer();
    });
  if (registration.waiting && registration.active) offer();
  watch(registration.installing);
  registration.addEventListener("updatefound", () => watch(registration.installing));
  // Another tab has gone on to it.
  let before = navigator.serviceWorker.controller;
  navigator.serviceWorker.addEventListener("controllerchange", () => {
    if (before) offer();
    before = navigator.serviceWorker.controller;
  });
  lookForUpdates(registration);
  tidy(registration);
  // WHY again: right after a reload the browser still counts the page before, and nothing is deleted that may be needed.
  setTimeout(tidy, AGAIN_MS, registration);
}

function tidy({ active }: ServiceWorkerRegistration): void {
  const message: ToServiceWorker = "tidy";
  active?.postMessage(message);
}

/** A page that is open for days loads nothing by which the browser would notice. */
function lookForUpdates(registration: ServiceWorkerRegistration): void {
  let lookedAt = Date.now();
  setInterval(look, HOUR_MS);
  document.addEventListener("visibilitychange", look);
  function look(): void {
    if (document.visibilityState === "hidden" || Date.now() - lookedAt < HOUR_MS) return;
    lookedAt = Date.now();
    // Without a network there is none.
    registration.update().catch(() => {});
  }
}

interface UpdateProps {
  readonly page: MachinePage;
  readonly registration: ServiceWorkerRegistration;
}

function UpdateNotice({ page, registration }: UpdateProps) {
  const later = () => {
    page.state.update.value = null;
    requestAnimationFrame(page.typeOn);
  };
  return (
    <div class="toast" role="status">
      <div>
        <p>
          <strong>A new version is ready</strong>
        </p>
        <p>
          {page.name === null
            ? "It is there when the page is loaded again."
            : "The machine is saved before the page is loaded again, and goes on from there."}
        </p>
        <div class="actions">
          <button type="button" class="button plain" onClick={() => void reloadNow(page, registration)}>
            Reload now
          </button>
          <button type="button" class="button plain" onClick={later}>
            Later
          </button>
        </div>
      </div>
    </div>
  );
}

async function reloadNow(page: MachinePage, registration: ServiceWorkerRegistration): Promise<void> {
  if (!(await mayLeave(page))) return;
  const { waiting } = registration;
  if (waiting) await activate(waiting);
  location.reload();
}

function activate(worker: ServiceWorker): Promise<void> {
  return new Promise((resolve) => {
    worker.addEventListener("statechange", () => worker.state !== "activating" && resolve());
    setTimeout(resolve, MOST_MS);
    const message: ToServiceWorker = "activate";
    worker.postMessage(message);
  });
}
