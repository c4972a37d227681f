/** The machine's thread in a browser: a module worker. */
import "./no-worker.ts";
import { browserChunkCache, fetchTransport } from "../disk/index.ts";
import { serializeError } from "../errors/index.ts";
import type { FromWorker, ToWorker } from "../machine/index.ts";
import { openWebSocket } from "../net/index.ts";
import { browserTurns } from "./browser-turns.ts";
import { gzipInPieces } from "./gzip-in-pieces.ts";
import { runMachine } from "./run-machine.ts";

declare const self: DedicatedWorkerGlobalScope;

const post = (message: FromWorker, transfer: ArrayBufferLike[] = []) =>
  self.postMessage(message, transfer as Transferable[]);

// v86 works in promises that nobody awaits: what it throws there would otherwise be lost.
self.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  post({ type: "failed", error: serializeError(event.reason) });
});

runMachine(
  {
    post,
    onMessage: (listener) => self.addEventListener("message", (event: MessageEvent<ToWorker>) => listener(event.data)),
  },
  {
    transport: fetchTransport,
    cache: browserChunkCache(),
    gzip: gzipInPieces,
    turns: browserTurns,
    openSocket: openWebSocket,
    fetchWasm: (url, signal) => fetch(url, { credentials: "same-origin", signal }),
  },
);
