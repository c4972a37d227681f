import { formatAgo } from "./ago.ts";
import { formatBytes } from "./bytes.ts";

const TICK_MS = 1000;

/** The part of the bar that says when the machine was last saved; pressed, it saves it now. */
export class SaveButton {
  readonly #button: HTMLButtonElement;
  readonly #when: HTMLElement;
  readonly #save: () => Promise<unknown>;
  #saved: { readonly at: number; readonly bytes: number | null } | null = null;
  #failed = false;
  #saving = false;

  /**
   * `save` rejects when the machine could not be saved; who listens to the machine hears of it too. `pressed`: by a pointer, whose user
   * wants to type on.
   */
  constructor(button: HTMLButtonElement, save: () => Promise<unknown>, pressed: () => void) {
    this.#button = button;
    this.#when = button.querySelector(".when") ?? button;
    this.#save = save;
    button.addEventListener("click", (event) => {
      // A key gives no detail; who came by keyboard stays on the button.
      if (event.detail > 0) pressed();
      void this.#saveNow();
    });
    setInterval(() => this.#show(), TICK_MS);
  }

  /** Another machine, or the same one anew. `savedAt`: when it was saved last; null: never. */
  begin(savedAt: Date | null): void {
    this.#saved = savedAt && { at: savedAt.getTime(), bytes: null };
    this.#failed = false;
    this.#show();
  }

  /** Only a machine that runs can be saved. */
  set usable(usable: boolean) {
    this.#button.hidden = !usable;
  }

  saved(bytes: number): void {
    this.#saved = { at: Date.now(), bytes };
    this.#failed = false;
    this.#show();
  }

  failed(): void {
    this.#failed = true;
    this.#show();
  }

  async #saveNow(): Promise<void> {
    if (this.#saving) return;
    this.#saving = true;
    this.#show();
    await this.#save().catch(() => {});
    this.#saving = false;
    this.#show();
  }

  #show(): void {
    const text = this.#text();
    if (document.hidden || this.#button.hidden || this.#when.textContent === text) return;
    this.#when.textContent = text;
    this.#button.dataset["failed"] = String(this.#failed);
  }

  #text(): string {
    if (this.#saving) return "Saving…";
    if (this.#failed) return this.#saved ? `Not saved for ${formatAgo(Date.now() - this.#saved.at)}` : "Not saved";
    if (!this.#saved) return "Not saved yet";
    const { at, bytes } = this.#saved;
    return `Saved ${formatAgo(Date.now() - at)} ago${bytes === null ? "" : ` · ${formatBytes(bytes)}`}`;
  }
}
