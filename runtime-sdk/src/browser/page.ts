import type { SessionPlatform } from "../session/entry.ts";
import { IndexedDbStore } from "../snapshot/index.ts";

/** Name of the database in which machines are saved. */
export const DEFAULT_DATABASE = "warmboot";

/** What every page offers a session, wherever the library's files lie. */
export const page: Pick<SessionPlatform, "resolveAddress" | "defaultStore" | "holder" | "onHide"> = {
  resolveAddress: (address) => new URL(address, document.baseURI).href,
  defaultStore: () => new IndexedDbStore(DEFAULT_DATABASE),
  holder: () =>
    `a tab of ${location.origin}${location.pathname}, opened ${new Date(performance.timeOrigin).toISOString()}`,
  onHide: (hidden) => {
    const look = () => {
      if (document.visibilityState === "hidden") hidden();
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  },
};
