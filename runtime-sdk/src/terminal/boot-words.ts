import type { BootStage } from "../session/index.ts";

/** What a boot is doing, for a person who waits for it. */
export const BOOT_WORDS: Readonly<Record<BootStage, string>> = {
  download: "Downloading the machine",
  start: "Setting up the machine",
  kernel: "Linux is starting",
  restore: "The machine goes on from where it was",
  agent: "The agent in the machine is answering",
  ready: "Opening a shell",
};
