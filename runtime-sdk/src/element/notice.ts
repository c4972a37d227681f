import { type BootProgress, WarmbootError } from "../browser/index.ts";
import { BOOT_WORDS } from "../terminal/index.ts";

/** A button. The first one is the one that is meant. */
export interface Action {
  readonly label: string;
  run(): void;
}

/** What is said below the terminal, or in its place. */
export class Notice {
  readonly #host: HTMLElement;
  readonly #behind: HTMLElement;

  /** `behind`: what cannot be reached while a sheet is over it. */
  constructor(host: HTMLElement, behind: HTMLElement) {
    this.#host = host;
    this.#behind = behind;
  }

  clear(): void {
    this.#show("bar");
  }

  /** How far a start is. */
  progress({ stage, loadedBytes, totalBytes }: BootProgress): void {
    const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
    const of = totalBytes === null ? "" : ` of ${megabytes(totalBytes)}`;
    const loaded = stage === "download" && loadedBytes > 0 ? ` (${megabytes(loadedBytes)}${of} MB)` : "";
    const text = `${BOOT_WORDS[stage]}${loaded}…`;
    const shown = this.#host.querySelector("progress");
    const bar = shown ?? make("progress", { className: "progress", ariaLabel: "Download" });
    if (stage === "download" && totalBytes) bar.value = Math.min(1, loadedBytes / totalBytes);
    else bar.removeAttribute("value");
    const line = this.#host.querySelector(".doing");
    if (shown && line) line.textContent = text;
    else {
      this.#show("bar", make("p", { className: "doing", textContent: text }), bar);
      // Nobody wants each megabyte read out.
      this.#host.ariaLive = "off";
    }
  }

  /** Something short, below the terminal. */
  tell(text: string, ...actions: Action[]): void {
    this.#show("bar", make("p", { textContent: text }), ...buttons(actions));
  }

  /** In place of a terminal that is not there yet. */
  offer(text: string, ...actions: Action[]): void {
    this.#show("sheet", make("p", { className: "what", textContent: text }), ...buttons(actions));
  }

  /** What went wrong, why, and what next. */
  failure(what: string, error: unknown, actions: readonly Action[]): void {
    const isOurs = error instanceof WarmbootError;
    this.#show(
      "sheet",
      make("p", { className: "what", textContent: what }),
      make("p", { className: "why", textContent: sentence(isOurs ? error.message : String(error)) }),
      make("p", { className: "next", textContent: isOurs ? error.hint : "Load the page again." }),
      ...buttons(actions),
    );
    this.#host.dataset["failed"] = isOurs ? error.code : "page";
  }

  #show(kind: "bar" | "sheet", ...content: HTMLElement[]): void {
    const had = this.#host.contains((this.#host.getRootNode() as ShadowRoot).activeElement);
    delete this.#host.dataset["failed"];
    this.#host.ariaLive = "polite";
    this.#host.dataset["kind"] = kind;
    this.#behind.inert = kind === "sheet";
    this.#host.replaceChildren(...content);
    // What was pressed is gone: who used the keyboard is not to be lost.
    if (had && kind === "sheet") this.#host.querySelector("button")?.focus();
  }
}

function buttons(actions: readonly Action[]): HTMLElement[] {
  return actions.map(({ label, run }) => {
    const button = make("button", { type: "button", textContent: label });
    button.addEventListener("click", () => run());
    return button;
  });
}

export function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Partial<HTMLElementTagNameMap[K]>,
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(name), properties);
}

/** An error's message begins small, but for addresses. */
function sentence(text: string): string {
  const first = /^\w+:\/\//.test(text) ? text.slice(0, 1) : text.slice(0, 1).toUpperCase();
  return `${first}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;
}
