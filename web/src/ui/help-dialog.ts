import { settings } from "../settings.ts";
import { element } from "./element.ts";

const KEYS: readonly (readonly [string, string])[] = [
  ["Ctrl+Shift+C", "copy the selection (on a Mac ⌘C)"],
  ["Ctrl+Shift+V", "paste (on a Mac ⌘V); the right-click menu does both too"],
  ["Ctrl+Shift+M", "leave the terminal for the bar; Enter on a tab goes back"],
  ["← → on the tabs", "change terminal; Delete closes it"],
  ["Shift+Page Up / Down", "scroll back and forth"],
];

/** Help, settings and the kernel log. */
export class HelpDialog {
  readonly #dialog: HTMLDialogElement;
  readonly #log = element("pre", {
    class: "log",
    attributes: { tabindex: "0", "aria-label": "Kernel log", role: "region" },
  });
  readonly #kept = element("p");
  readonly #kernelLog: () => readonly string[];
  readonly #storage: () => Promise<string>;

  constructor(dialog: HTMLDialogElement, kernelLog: () => readonly string[], storage: () => Promise<string>) {
    this.#dialog = dialog;
    this.#storage = storage;
    this.#kernelLog = kernelLog;
    const screenReader = element("input", { attributes: { type: "checkbox", id: "screen-reader" } });
    screenReader.checked = settings.screenReader;
    screenReader.addEventListener("change", () => {
      settings.screenReader = screenReader.checked;
    });
    const keys = KEYS.flatMap(([key, does]) => [
      element("dt", { children: [element("kbd", { text: key })] }),
      element("dd", { text: does }),
    ]);
    dialog.append(
      element("form", {
        attributes: { method: "dialog" },
        children: [
          element("header", {
            children: [
              element("h2", { text: "Help and settings", attributes: { id: "help-title" } }),
              element("button", { class: "button plain", text: "Close" }),
            ],
          }),
          element("p", {
            text: "A PC is emulated in this tab, and a real Linux runs on it; you are root. There is no network yet.",
          }),
          element("h3", { text: "Where it is kept" }),
          this.#kept,
          element("h3", { text: "Keys" }),
          element("dl", { children: keys }),
          element("h3", { text: "Settings" }),
          element("label", { children: [screenReader, "Screen reader mode: terminals announce what they show"] }),
          element("h3", { text: "Kernel log" }),
          this.#log,
        ],
      }),
    );
  }

  open(): void {
    const lines = this.#kernelLog();
    this.#log.textContent = lines.length > 0 ? lines.join("\n") : "The kernel has said nothing yet.";
    this.#kept.textContent = "";
    void this.#storage().then((text) => {
      this.#kept.textContent = text;
    });
    this.#dialog.showModal();
    this.#log.scrollTop = this.#log.scrollHeight;
  }
}
