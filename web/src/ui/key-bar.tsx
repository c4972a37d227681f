import { type Signal, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { ShellTerminal } from "../terminal/shell-terminal.ts";
import { controlCharacter } from "./control-character.ts";

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
/** Keys left of Ctrl. */
const FIRST = 2;

const ARROWS = new Set(["Left", "Up", "Down", "Right"]);

/** Ctrl for the next key, whether that comes from the bar or from the phone's keyboard. */
export class ControlKey {
  readonly armed: Signal<boolean> = signal(false);

  toggle(): void {
    this.armed.value = !this.armed.value;
  }

  /** What the terminal is to send for what was typed. */
  readonly filter = (data: string): string => (this.#take() ? controlCharacter(data) : data);

  /** What an arrow sends; `letter` is the last of its sequence. */
  arrow(letter: string, applicationMode: boolean): string {
    if (this.#take()) return `\x1b[1;5${letter}`;
    return `${applicationMode ? "\x1bO" : "\x1b["}${letter}`;
  }

  #take(): boolean {
    const armed = this.armed.value;
    this.armed.value = false;
    return armed;
  }
}

interface KeyBarProps {
  readonly control: ControlKey;
  readonly active: () => ShellTerminal | null;
}

/** The keys that phones do not have. */
export function KeyBar({ control, active }: KeyBarProps) {
  const press = (name: string, data: string) => {
    const term = active()?.term;
    term?.input(ARROWS.has(name) ? control.arrow(data, term.modes.applicationCursorKeysMode) : data);
  };
  const key = ([label, name, data]: (typeof KEYS)[number]) => (
    <Key key={name} name={name} onPress={() => press(name, data)}>
      {label}
    </Key>
  );
  return (
    <>
      {KEYS.slice(0, FIRST).map(key)}
      <Key name="Control, for the next key" pressed={control.armed.value} onPress={() => control.toggle()}>
        Ctrl
      </Key>
      {KEYS.slice(FIRST).map(key)}
    </>
  );
}

interface KeyProps {
  readonly name: string;
  readonly pressed?: boolean;
  readonly onPress: () => void;
  readonly children: ComponentChildren;
}

function Key({ name, pressed, onPress, children }: KeyProps) {
  return (
    <button
      type="button"
      aria-label={name}
      {...(pressed !== undefined && { "aria-pressed": pressed })}
      // The focus stays in the terminal, and with it the phone's keyboard on the screen.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onPress}
    >
      {children}
    </button>
  );
}
