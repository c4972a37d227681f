import type { Terminal } from "@xterm/xterm";
import { copySelection } from "./selection.ts";

/** What the page's own keys do. */
export interface PageKeys {
  /** Ctrl+Shift+M: leave the terminal. */
  leave(): void;
  /** Ctrl+Shift+F: search in it. Without, that key is as any other. */
  find?(): void;
}

/**
 * The keys that are the page's, not the guest's: Ctrl+Shift+C copies, Ctrl+Shift+V pastes, Ctrl+Shift+F searches, Ctrl+Shift+M leaves
 * the terminal. Everything else, Tab and Ctrl-C too, is for the guest.
 */
export function handlePageKeys(term: Terminal, keys: PageKeys): void {
  const { find } = keys;
  const actions: Readonly<Record<string, () => void>> = {
    KeyC: () => void copySelection(term),
    KeyM: () => keys.leave(),
    ...(find && { KeyF: () => find() }),
  };
  term.attachCustomKeyEventHandler((event) => {
    if (event.type !== "keydown" || !event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true;
    // Not prevented: the browser pastes into xterm.js's text field, without asking for a permission.
    if (event.code === "KeyV") return false;
    const action = actions[event.code];
    if (!action) return true;
    event.preventDefault();
    action();
    return false;
  });
}
