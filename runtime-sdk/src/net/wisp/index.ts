/** The WISP protocol as both of its ends have it: numbers and frames. Needs no Node and no DOM. */
export * from "./frames.ts";
export * from "./wire.ts";
