import type { ITheme } from "@xterm/xterm";
import { PALETTES } from "warmboot/terminal";
import { theme } from "../ui/theme.ts";

function css(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** The colours of terminals in the theme that is shown. Reads a signal. */
export function terminalTheme(): ITheme {
  return {
    ...PALETTES[theme.value],
    background: css("--terminal"),
    foreground: css("--text"),
    cursor: css("--accent"),
    cursorAccent: css("--terminal"),
  };
}

/** The page's font for terminals. */
export const ownFont = (): string => css("--mono");
