import type { Terminal } from "@xterm/xterm";

/** Copies the selection; without the clipboard's own interface (plain HTTP) by the browser's copy command. */
async function copySelection(term: Terminal): Promise<void> {
  if (!term.hasSelection()) return;
  try {
    await navigator.clipboard.writeText(term.getSelection());
  } catch {
    term.focus();
    document.execCommand("copy");
  }
}

/**
 * The keys that are the page's, not the guest's: Ctrl+Shift+C copies, Ctrl+Shift+V pastes, Ctrl+Shift+M goes to the bar.
 * Everything else, Tab and Ctrl-C too, is for the guest.
 */
export function handlePageKeys(term: Terminal, leave: () => void): void {
  term.attachCustomKeyEventHandler((event) => {
    if (event.type !== "keydown" || !event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey) return true;
    switch (event.code) {
      case "KeyC":
        event.preventDefault();
        void copySelection(term);
        return false;
      case "KeyV":
        // Not prevented: the browser pastes into xterm.js's text field, without asking for a permission.
        return false;
      case "KeyM":
        event.preventDefault();
        leave();
        return false;
      default:
        return true;
    }
  });
}
