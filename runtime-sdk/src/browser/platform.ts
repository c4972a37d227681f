import type { SessionPlatform } from "../session/entry.ts";
import { page } from "./page.ts";
import { takeWorker } from "./prestart.ts";
import { threadOf } from "./thread.ts";
import { WASM_URL } from "./wasm-url.ts";

export const browserPlatform: SessionPlatform = {
  createThread: () => threadOf(takeWorker()),
  wasmUrl: WASM_URL,
  firmware: {
    biosUrl: new URL("../assets/bios.bin", import.meta.url).href,
    vgaBiosUrl: new URL("../assets/vgabios-stdvga.bin", import.meta.url).href,
  },
  ...page,
};
