import type { SessionPlatform } from "../session/entry.ts";
import { IndexedDbStore } from "../snapshot/index.ts";
import { DEFAULT_DATABASE } from "./default-database.ts";

/** What every page offers a session, wherever the library's files lie. */
export const page: Pick<SessionPlatform, "resolveAddress" | "defaultStore" | "holder" | "onHide"> = {
  resolveAddress: (address) => new URL(address, document.baseURI).href,
  defaultStore: () => new IndexedDbStore(DEFAULT_DATABASE),
  holder: () =>
    `a tab of ${location.origin}${location.pathname}, opened ${new Date(performance.timeOrigin).toISOString()}`,
  onHide: (hidden) => {
    let isHidden = document.visibilityState === "hidden";
    const look = (hide: boolean) => {
      if (hide && !isHidden) hidden();
      isHidden = hide;
    };
    const visibility = () => look(document.visibilityState === "hidden");
    // WHY both: browsers differ in which of them comes when a page is left, and some send one alone.
    const left = () => look(true);
    document.addEventListener("visibilitychange", visibility);
    addEventListener("pagehide", left);
    addEventListener("pageshow", visibility);
    return () => {
      document.removeEventListener("visibilitychange", visibility);
      removeEventListener("pagehide", left);
      removeEventListener("pageshow", visibility);
    };
  },
};
