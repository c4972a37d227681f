/** Where it is written down what is to be deleted. */
export const DELETIONS_KEY = "warmboot.deletions";

/** Deletes what was to be deleted when the last page was left. WHY without deletions.ts: there is hardly ever something to do. */
export function finishDeletions(): void {
  try {
    if (localStorage.getItem(DELETIONS_KEY) === null) return;
  } catch {
    return;
  }
  void import("./deletions.ts");
}
