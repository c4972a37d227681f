/**
 * Why something stands over the terminals. While a machine boots they take keys all the same; otherwise nothing behind can be
 * reached.
 */
export type OverlayReason = "terminals-take-keys" | "terminals-rest" | "no-terminals";

/** The one thing that can stand over the terminals. */
export class Overlay {
  readonly #host: HTMLElement;
  readonly #behind: HTMLElement;
  #reason: OverlayReason | null = null;

  constructor(host: HTMLElement, behind: HTMLElement) {
    this.#host = host;
    this.#behind = behind;
  }

  show(content: HTMLElement, reason: OverlayReason): void {
    this.#reason = reason;
    this.#host.replaceChildren(content);
    this.#host.hidden = false;
    this.#host.scrollTop = 0;
    this.#behind.inert = reason !== "terminals-take-keys";
  }

  hide(): void {
    this.#reason = null;
    this.#host.hidden = true;
    this.#host.replaceChildren();
    this.#behind.inert = false;
  }

  hideIf(reason: OverlayReason): void {
    if (this.#reason === reason) this.hide();
  }
}
