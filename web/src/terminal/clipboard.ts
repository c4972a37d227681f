import type { ClipboardSelectionType, IClipboardProvider } from "@xterm/addon-clipboard";
import type { Terminal } from "@xterm/xterm";
import type { NoticeAction } from "../page-state.ts";

/** Pastes as if it was typed, marked as pasted for programs that want to know. @throws DOMException when the browser refuses */
export async function pasteInto(term: Terminal): Promise<void> {
  term.paste(await navigator.clipboard.readText());
}

/** What a program may put into the clipboard at once. */
const MOST_TEXT = 1_000_000;
const SHOWN_TEXT = 200;

/** Shows a question with one answer. */
export type Notify = (title: string, text: string, action: NoticeAction) => void;

/**
 * The clipboard for programs in the guest (OSC 52): they can fill it when the person agrees, each time anew, since what is pasted
 * later may be a command. They never read it.
 */
export class AskingClipboard implements IClipboardProvider {
  readonly #notify: Notify;

  constructor(notify: Notify) {
    this.#notify = notify;
  }

  readText(): string {
    return "";
  }

  writeText(_selection: ClipboardSelectionType, text: string): void {
    if (text.length === 0 || text.length > MOST_TEXT) return;
    const shown = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}… (${text.length} characters)` : text;
    this.#notify("A program in the machine wants to copy this:", shown, {
      label: "Copy",
      run: () => void navigator.clipboard?.writeText(text),
    });
  }
}
