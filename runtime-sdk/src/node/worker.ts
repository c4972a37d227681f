/** The machine's thread in Node: a worker thread. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";
import { runMachine } from "../worker/index.ts";
import { fileTransport } from "./file-transport.ts";
import { zlibGzip } from "./gzip.ts";
import { openSocket } from "./open-socket.ts";

const port = parentPort;
if (!port) throw new Error("this file is a worker thread's script");

runMachine(
  {
    post: (message, transfer = []) => port.postMessage(message, transfer as ArrayBuffer[]),
    onMessage: (listener) => port.on("message", listener),
  },
  {
    transport: fileTransport,
    cache: null,
    gzip: zlibGzip,
    turns: null,
    openSocket,
    fetchWasm: async (url) => new Uint8Array(await readFile(fileURLToPath(url))),
  },
);
