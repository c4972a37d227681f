import type { ITheme } from "@xterm/xterm";

const DARK: ITheme = {
  black: "#3b4252",
  red: "#ff7b72",
  green: "#5ccb8a",
  yellow: "#e8c26a",
  blue: "#79b0ff",
  magenta: "#d19bf5",
  cyan: "#5fd0d6",
  white: "#d5d9e0",
  brightBlack: "#7c8798",
  brightRed: "#ffa198",
  brightGreen: "#83e0a8",
  brightYellow: "#f5d88f",
  brightBlue: "#a5caff",
  brightMagenta: "#e2bcfb",
  brightCyan: "#8be4e8",
  brightWhite: "#ffffff",
  selectionBackground: "#3d5a80aa",
};

const LIGHT: ITheme = {
  black: "#1c2026",
  red: "#b3261e",
  green: "#1a7f46",
  yellow: "#7d5700",
  blue: "#0b57d0",
  magenta: "#8430b8",
  cyan: "#0b6e76",
  white: "#6b7380",
  brightBlack: "#565f6c",
  brightRed: "#c9352b",
  brightGreen: "#1f8a4d",
  brightYellow: "#8a6100",
  brightBlue: "#1d66dd",
  brightMagenta: "#9541c9",
  brightCyan: "#0f7c85",
  brightWhite: "#3a414b",
  selectionBackground: "#b6d3fbaa",
};

const CONTRAST: ITheme = {
  ...DARK,
  black: "#6a6a6a",
  red: "#ff8f88",
  green: "#70ff9f",
  yellow: "#ffe16b",
  blue: "#9cc8ff",
  magenta: "#e6b8ff",
  cyan: "#7df3f7",
  white: "#ffffff",
  brightBlack: "#b0b0b0",
  selectionBackground: "#5a5a00",
};

/** The sixteen colours of terminals, for each theme. What is behind them, and the cursor, is the page's. */
export const PALETTES: Readonly<Record<"light" | "dark" | "contrast", ITheme>> = {
  light: LIGHT,
  dark: DARK,
  contrast: CONTRAST,
};
