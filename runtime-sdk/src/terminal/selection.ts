import type { Terminal } from "@xterm/xterm";

/** Copies the selection; without the clipboard's own interface (plain HTTP, a frame that may not) by the browser's copy command. */
export async function copySelection(term: Terminal): Promise<void> {
  if (!term.hasSelection()) return;
  try {
    await navigator.clipboard.writeText(term.getSelection());
  } catch {
    term.focus();
    document.execCommand("copy");
  }
}
