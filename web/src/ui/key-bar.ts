import type { ShellTerminal } from "../terminal/shell-terminal.ts";
import { controlCharacter } from "./control-character.ts";
import { element } from "./element.ts";

/** Label, name for screen readers, and what is sent; arrows depend on the terminal's mode. */
const KEYS: readonly (readonly [label: string, name: string, data: string])[] = [
  ["Esc", "Escape", "\x1b"],
  ["Tab", "Tab", "\t"],
  ["←", "Left", "D"],
  ["↑", "Up", "A"],
  ["↓", "Down", "B"],
  ["→", "Right", "C"],
  ["|", "Pipe", "|"],
  ["~", "Tilde", "~"],
  ["/", "Slash", "/"],
  ["-", "Minus", "-"],
];

const ARROWS = new Set(["Left", "Up", "Down", "Right"]);

/** The keys that phones do not have. Ctrl is for the next key, whether it comes from here or from the phone's keyboard. */
export class KeyBar {
  readonly #active: () => ShellTerminal | null;
  readonly #control: HTMLButtonElement;
  #armed = false;

  constructor(host: HTMLElement, active: () => ShellTerminal | null) {
    this.#active = active;
    this.#control = this.#key("Ctrl", "Control, for the next key", () => this.#arm(!this.#armed));
    const keys = KEYS.map(([label, name, data]) =>
      this.#key(label, name, (terminal) => this.#send(terminal, name, data)),
    );
    host.append(...keys.slice(0, 2), this.#control, ...keys.slice(2));
    this.#arm(false);
  }

  /** What the terminal is to send for what was typed. */
  filter = (data: string): string => {
    if (!this.#armed) return data;
    this.#arm(false);
    return controlCharacter(data);
  };

  #arm(armed: boolean): void {
    this.#armed = armed;
    this.#control.setAttribute("aria-pressed", String(armed));
  }

  #send(terminal: ShellTerminal, name: string, data: string): void {
    terminal.term.input(ARROWS.has(name) ? this.#arrow(terminal, data) : data);
  }

  #arrow(terminal: ShellTerminal, letter: string): string {
    if (!this.#armed) return `${terminal.term.modes.applicationCursorKeysMode ? "\x1bO" : "\x1b["}${letter}`;
    this.#arm(false);
    return `\x1b[1;5${letter}`;
  }

  #key(label: string, name: string, press: (terminal: ShellTerminal) => void): HTMLButtonElement {
    const key = element("button", { text: label, attributes: { type: "button", "aria-label": name } });
    // The focus stays in the terminal, and with it the phone's keyboard on the screen.
    key.addEventListener("pointerdown", (event) => event.preventDefault());
    key.addEventListener("click", () => {
      const terminal = this.#active();
      if (terminal) press(terminal);
    });
    return key;
  }
}
