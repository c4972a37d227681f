const KEY = "warmboot.settings";

/** What a person chose, kept in this browser. */
class Settings {
  #screenReader = false;
  readonly #listeners = new Set<() => void>();

  constructor() {
    try {
      this.#screenReader = localStorage.getItem(KEY) === "screen-reader";
    } catch {
      // No storage here: the choice lasts as long as the page.
    }
  }

  /** Terminals say what they show to screen readers. Off by default: it costs time at every line. */
  get screenReader(): boolean {
    return this.#screenReader;
  }

  set screenReader(on: boolean) {
    this.#screenReader = on;
    try {
      if (on) localStorage.setItem(KEY, "screen-reader");
      else localStorage.removeItem(KEY);
    } catch {
      // As above.
    }
    for (const listener of this.#listeners) listener();
  }

  /** Returns the function that takes the listener away again. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export const settings = new Settings();
