/** A terminal may take the focus on its own account only when nothing else has it: never from a field, a button or a dialog. */
export function focusIsFree(): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || active.closest(".panels") !== null;
}

/** What had the focus is gone from the page. */
export function focusIsLost(): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || !active.isConnected;
}
