import type { Signal } from "@preact/signals";
import type { PanelName } from "./panel.ts";

/** Opens and closes the panel beside the terminals, and gives the focus back. */
export class PanelControl {
  readonly #open: Signal<PanelName | null>;
  readonly #focusTerminal: () => void;
  /** What had the focus before a panel was opened. */
  #focusBefore: Element | null = null;

  constructor(open: Signal<PanelName | null>, focusTerminal: () => void) {
    this.#open = open;
    this.#focusTerminal = focusTerminal;
  }

  /** `byPointer`: who closes it wants to type on then. */
  open(name: PanelName, byPointer = false): void {
    if (this.#open.value === null) this.#focusBefore = byPointer ? null : document.activeElement;
    this.#open.value = name;
  }

  close(): void {
    if (this.#open.value === null) return;
    this.#open.value = null;
    const before = this.#focusBefore;
    this.#focusBefore = null;
    if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
    else this.#focusTerminal();
  }

  toggle(name: PanelName, byPointer: boolean): void {
    if (this.#open.value === name) this.close();
    else this.open(name, byPointer);
  }
}
