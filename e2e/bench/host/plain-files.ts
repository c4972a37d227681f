/** The files of plain v86's pages: whatever the configuration names, the disk in ranges, and the compiled page scripts. */
import { createReadStream, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import type { PlainMachineConfig } from "../plain/machine.ts";
import { compiled, embedDirectory } from "./paths.ts";

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
  ".html": "text/html",
};

const PREFIX = "/plain";
const STATE = "/plain/state.gz";

/**
 * Answers what begins with `/plain/`. Texts and wasm are compressed as those of our site are, and what our site lets a browser keep
 * may be kept. `state`: path of a packed state, to be had as `/plain/state.gz`.
 */
export function plainHandler(config: PlainMachineConfig, state: string | null): Handler {
  const files = new Map<string, string>();
  for (const url of [config.module, config.wasm, config.bios, config.vgaBios, config.kernel, config.disk])
    files.set(url, url.slice(PREFIX.length));
  if (state) files.set(STATE, state);
  const packed = new Map([config.module, config.wasm].map((url) => [url, brotli(files.get(url) ?? "")]));
  const page = `<!doctype html><title>plain v86</title><script>globalThis.plainMachine = ${JSON.stringify(config)};</script>`;
  const pages = new Map([
    ["/plain/boot.html", `${page}<script type="module" src="/plain/bench/plain/boot-page.js"></script>`],
    ["/plain/restore.html", `${page}<script type="module" src="/plain/bench/plain/restore-page.js"></script>`],
    ["/plain/empty.html", page],
  ]);
  return (request, response, next) => {
    const url = request.url ?? "/";
    if (!url.startsWith(PREFIX)) return next();
    response.setHeader("Content-Type", TYPES[extname(url)] ?? "application/octet-stream");
    const body = pages.get(url) ?? packed.get(url);
    const file = files.get(url) ?? scriptFile(url);
    if (typeof body === "object" || url === STATE) response.setHeader("Cache-Control", "max-age=31536000, immutable");
    if (typeof body === "object") response.setHeader("Content-Encoding", "br").end(body);
    else if (body !== undefined) response.end(body);
    else if (file) sendFile(file, request, response);
    else response.writeHead(404).end();
  };
}

function brotli(file: string): Buffer {
  return brotliCompressSync(readFileSync(file), { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
}

function scriptFile(url: string): string | null {
  const [, folder, name] = /^\/plain\/(bench|embed)\/([a-z0-9/-]+\.(?:js|wasm|bin))$/.exec(url) ?? [];
  return name === undefined ? null : join(folder === "bench" ? compiled : embedDirectory, name);
}

function sendFile(file: string, request: IncomingMessage, response: ServerResponse): void {
  const { size } = statSync(file);
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  const start = range ? Number(range[1]) : 0;
  const end = range ? Math.min(Number(range[2]), size - 1) : size - 1;
  response.setHeader("Accept-Ranges", "bytes").setHeader("Content-Length", end - start + 1);
  if (range) response.setHeader("Content-Range", `bytes ${start}-${end}/${size}`);
  response.writeHead(range ? 206 : 200);
  createReadStream(file, { start, end }).pipe(response);
}
