import { open, remove, rename } from "./actions.ts";
import type { FileBrowser } from "./browser.ts";

/** Letters typed within this time are one beginning of a name. */
const TYPED_MS = 800;

/** The keys of the list, as file managers have them. */
export class ListKeys {
  readonly #browser: FileBrowser;
  #typed = "";
  #typedAt = Number.NEGATIVE_INFINITY;

  constructor(browser: FileBrowser) {
    this.#browser = browser;
  }

  /** `page`: rows that are seen at once. */
  press(event: KeyboardEvent, page: number): void {
    if (event.altKey || event.metaKey || event.defaultPrevented) return;
    const done = event.ctrlKey ? this.#control(event.key) : this.#plain(event, page);
    if (done) event.preventDefault();
  }

  #control(key: string): boolean {
    const browser = this.#browser;
    if (key === "a") browser.chooseAll();
    else if (key === " " && browser.active.value !== null) browser.toggle(browser.active.value);
    else return false;
    return true;
  }

  #plain(event: KeyboardEvent, page: number): boolean {
    const browser = this.#browser;
    const { value: at } = browser.activeAt;
    const last = browser.listed.value.length - 1;
    const places: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? last : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    };
    const to = places[event.key];
    if (to !== undefined) {
      this.#typedAt = Number.NEGATIVE_INFINITY;
      browser.move(to, event.shiftKey);
      return true;
    }
    const entry = browser.listed.value[at];
    if (event.key.length > 1) this.#typedAt = Number.NEGATIVE_INFINITY;
    switch (event.key) {
      case "Enter":
        if (entry) void open(browser, entry);
        return true;
      case "Backspace":
        browser.up();
        return true;
      case "Delete":
        void remove(browser, browser.chosen.value);
        return true;
      case "F2":
        if (entry) void rename(browser, entry);
        return true;
      default:
        return this.#find(event.key);
    }
  }

  /** Goes to the next name that begins with what is typed. */
  #find(key: string): boolean {
    if (key.length !== 1) return false;
    const now = performance.now();
    const isNew = now - this.#typedAt > TYPED_MS;
    // A space begins no search: it is for scrolling, elsewhere.
    if (isNew && key === " ") return false;
    this.#typed = (isNew ? "" : this.#typed) + key.toLowerCase();
    this.#typedAt = now;
    const { value: listed } = this.#browser.listed;
    const from = Math.max(0, this.#browser.activeAt.value + (isNew ? 1 : 0));
    const order = [...listed.slice(from), ...listed.slice(0, from)];
    const found = order.find(({ name }) => name.toLowerCase().startsWith(this.#typed));
    if (found) this.#browser.choose(found.name);
    return true;
  }
}
