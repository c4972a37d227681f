import type { Phase } from "../machine/machine.ts";

/** The word in the bar that says where the machine is. */
export class StatusText {
  readonly #element: HTMLElement;

  constructor(element: HTMLElement) {
    this.#element = element;
  }

  show(phase: Phase): void {
    if (this.#element.dataset["phase"] === phase) return;
    this.#element.dataset["phase"] = phase;
    this.#element.textContent = phase;
  }
}
