import { element } from "./element.ts";

const MOST = 4;

/** Notices in the corner. They stay until they are closed; one that comes again counts up instead of standing there twice. */
export class Toasts {
  readonly #host: HTMLElement;
  readonly #shown = new Map<string, { count: number; times: HTMLElement }>();

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  show(title: string, text: string): void {
    const key = `${title}\n${text}`;
    const known = this.#shown.get(key);
    if (known) {
      known.count++;
      known.times.textContent = ` (${known.count} times)`;
      return;
    }
    const times = element("span", { class: "quiet" });
    const body = element("div", {
      children: [element("p", { children: [element("strong", { text: title }), times] }), element("p", { text })],
    });
    const toast = element("div", { class: "toast", attributes: { role: "alert" }, children: [body] });
    const close = element("button", {
      class: "icon-button",
      text: "×",
      attributes: { type: "button", "aria-label": "Close notice" },
    });
    close.addEventListener("click", () => {
      this.#shown.delete(key);
      toast.remove();
    });
    toast.append(close);
    this.#shown.set(key, { count: 1, times });
    this.#host.append(toast);
    if (this.#host.childElementCount > MOST) this.#host.firstElementChild?.querySelector("button")?.click();
  }

  clear(): void {
    this.#shown.clear();
    this.#host.replaceChildren();
  }
}
