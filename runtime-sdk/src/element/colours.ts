import type { ITheme } from "@xterm/xterm";
import { PALETTES } from "../terminal/index.ts";

/** A theme with its colours decided. */
export type ShownTheme = keyof typeof PALETTES;

/** Those of the Warmboot page. */
const COLOURS: Readonly<
  Record<ShownTheme, Readonly<Record<"page" | "line" | "text" | "quiet" | "accent" | "bad", string>>>
> = {
  dark: { page: "#14171c", line: "#313843", text: "#e8eaed", quiet: "#a2abb8", accent: "#f2a33a", bad: "#ff7b72" },
  light: { page: "#ffffff", line: "#d3d7de", text: "#1c2026", quiet: "#565f6c", accent: "#9a5700", bad: "#b3261e" },
  contrast: { page: "#000000", line: "#a0a0a0", text: "#ffffff", quiet: "#e4e4e4", accent: "#ffd400", bad: "#ff8f88" },
};

/** Gives the parts around the terminal their colours. */
export function colour(frame: HTMLElement, theme: ShownTheme): void {
  frame.dataset["theme"] = theme;
  frame.style.colorScheme = theme === "light" ? "light" : "dark";
  for (const [name, value] of Object.entries(COLOURS[theme])) frame.style.setProperty(`--${name}`, value);
}

/** The colours of the terminal. */
export function terminalColours(theme: ShownTheme): ITheme {
  const { page, text, accent } = COLOURS[theme];
  return { ...PALETTES[theme], background: page, foreground: text, cursor: accent, cursorAccent: page };
}

/** Tells which theme the system asks for, now and when that changes. */
export class SystemTheme {
  readonly #light = matchMedia("(prefers-color-scheme: light)");
  readonly #contrast = matchMedia("(prefers-contrast: more)");
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get theme(): ShownTheme {
    if (this.#contrast.matches) return "contrast";
    return this.#light.matches ? "light" : "dark";
  }

  listen(): void {
    for (const query of [this.#light, this.#contrast]) query.addEventListener("change", this.#changed);
  }

  forget(): void {
    for (const query of [this.#light, this.#contrast]) query.removeEventListener("change", this.#changed);
  }
}
