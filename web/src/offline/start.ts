import { effect } from "@preact/signals";
import type { MachinePage } from "../machine-page.tsx";
import type { PageState } from "../page-state.ts";
import type { Work } from "./leisure.ts";
import { offlineCopy } from "./offline-copy.ts";
import { followUpdates } from "./update.tsx";

/** Keeps the site for use without a network, and tells of new versions. */
export function startOffline(page: MachinePage): void {
  let followed: ServiceWorkerRegistration | null = null;
  effect(() => {
    const registration = offlineCopy.registration.value;
    if (registration && registration !== followed) followUpdates(page, registration);
    followed = registration;
  });
  offlineCopy.start(() => workOf(page.state));
}

/** What goes before the fetching. */
export function workOf({ phase, session }: PageState): Work {
  if (phase.value === "downloading" || phase.value === "starting") return "starting";
  return phase.value === "running" ? (session.value?.figures ?? null) : null;
}
