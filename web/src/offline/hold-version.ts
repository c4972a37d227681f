import { pageLock } from "./names.ts";

/**
 * Says that the files of this version of the site are needed, whatever version comes next, for as long as the page is open. Without locks nothing is
 * deleted. `script`: the page's first one.
 */
export function holdVersion(script: string): void {
  navigator.locks?.request(pageLock(script), { mode: "shared" }, () => new Promise(() => {})).catch(() => {});
}
