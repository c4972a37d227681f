let asked = false;

/** Asks the browser, once, not to delete what is kept when the computer's disk is full. */
export async function keepStorage(): Promise<void> {
  if (asked) return;
  asked = true;
  await navigator.storage?.persist?.().catch(() => false);
}
