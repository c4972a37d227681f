import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { FromWorker } from "../machine/index.ts";
import { FirstFailure, type MachineThread, type SessionPlatform } from "../session/entry.ts";
import { DirectoryStore } from "./directory-store.ts";

/** A worker thread as the session sees it. */
export function threadOf(worker: Worker): MachineThread {
  let ending = false;
  const failure = new FirstFailure();
  worker.on("error", (error) =>
    failure.tell(error instanceof Error ? `${error.name}: ${error.message}` : String(error)),
  );
  worker.on("exit", (code) => {
    if (!ending) failure.tell(`its thread ended with code ${code}`);
  });
  return {
    post: (message, transfer = []) => worker.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) => worker.on("message", (message: FromWorker) => listener(message)),
    onFailure: (listener) => failure.listen(listener),
    terminate: async () => {
      ending = true;
      await worker.terminate();
    },
  };
}

/** An address as it is, anything else as a path. */
function resolveAddress(address: string | URL): string {
  const text = String(address);
  return /^(?:https?|file):/.test(text) ? text : pathToFileURL(text).href;
}

/** The XDG Base Directory Specification's place for what a person's programs keep. */
export function defaultFolder(): string {
  return join(process.env["XDG_DATA_HOME"] || join(homedir(), ".local/share"), "warmboot");
}

export const nodePlatform: SessionPlatform = {
  createThread: () => threadOf(new Worker(new URL("./worker.js", import.meta.url), { name: "warmboot machine" })),
  wasmUrl: new URL("../assets/v86.wasm", import.meta.url).href,
  firmware: {
    biosUrl: new URL("../assets/bios.bin", import.meta.url).href,
    vgaBiosUrl: new URL("../assets/vgabios-stdvga.bin", import.meta.url).href,
  },
  resolveAddress,
  defaultStore: () => new DirectoryStore(defaultFolder()),
  holder: () => `a program: ${process.title}`,
  onHide: () => () => {},
};
