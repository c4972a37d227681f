/** Joins an xterm.js terminal to a process of the guest: its output with back pressure, its input, its keys, its colours, and words for the wait. */
export { BOOT_WORDS } from "./boot-words.ts";
export { TerminalInput } from "./input.ts";
export { handlePageKeys, type PageKeys } from "./keys.ts";
export { type Line, openLine } from "./line.ts";
export { showOutput } from "./output.ts";
export { PALETTES } from "./palettes.ts";
export { copySelection } from "./selection.ts";
