/**
 * Serves prepared images over real HTTP, with faults on request. The address says which fault:
 * `/plain/default/image.json`, `/status-404-bzImage/default/…`, `/damage-bzImage/default/…`, `/stall-bzImage/default/…`:
 * it strikes every file whose path contains the third word, in which `~` stands for `/`.
 * `/other/default/image.json` is a manifest of another name and id, of the same files; `/strange/default/image.json`, too, with
 * no manifest that is another image's own beside it. `/lent-WORD/default/…` serves until `/end/WORD` was asked for.
 * `/disk/default` is the image's disk as one raw file.
 */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, normalize } from "node:path";
import { answerRawDisk } from "./raw-disk.ts";

const ROUTE =
  /^\/(plain|other|strange|lent-(?:[\w-]+)|status-(\d{3})-([\w.~]+)|damage-([\w.~]+)|stall-([\w.~]+))\/(.+)$/;

const LENT = /^\/lent-([\w-]+)\//;
const END = /^\/end\/([\w-]+)$/;
const DISK_ROUTE = /^\/disk\/([\w-]+)$/;

async function answer(directory: string, url: string, response: ServerResponse): Promise<void> {
  const [, , status, ...words] = ROUTE.exec(url) ?? [];
  const [missing, damaged, stalled, path = ""] = words.map((word) => word?.replaceAll("~", "/"));
  const file = join(directory, normalize(path));
  if (!path || !file.startsWith(directory)) {
    response.writeHead(400).end();
    return;
  }
  if (missing && path.includes(missing)) {
    response.writeHead(Number(status)).end("no");
    return;
  }
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  if (damaged && path.includes(damaged)) {
    const bytes = await readFile(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0x10;
    response.writeHead(200).end(bytes);
    return;
  }
  if (url.startsWith("/strange/") && /\/image-\w+\.json$/.test(path)) {
    response.writeHead(404).end();
    return;
  }
  if (/^\/(?:other|strange)\//.test(url) && path.endsWith("image.json")) {
    const manifest = JSON.parse(await readFile(file, "utf8"));
    response
      .writeHead(200)
      .end(JSON.stringify({ ...manifest, name: "other", id: [...manifest.id].reverse().join("") }));
    return;
  }
  response.writeHead(200, { "content-length": found.size });
  if (stalled && path.includes(stalled)) response.write(" ");
  else createReadStream(file).pipe(response);
}

/** Starts a server for the images in `directory` on a free port of the loopback; `url` has no slash at its end. */
export async function startImageServer(directory: string): Promise<{ url: string; close: () => Promise<void> }> {
  const ended = new Set<string>();
  const server = createServer((request, response) => {
    response.setHeader("access-control-allow-origin", "*");
    response.setHeader("cache-control", "no-store");
    response.setHeader("access-control-expose-headers", "content-range");
    // A page of another origin asks whether it may send a Range.
    response.setHeader("access-control-allow-headers", "range");
    const url = request.url ?? "";
    const word = END.exec(url)?.[1];
    if (word) ended.add(word);
    if (word || ended.has(LENT.exec(url)?.[1] ?? "")) {
      response.writeHead(word ? 200 : 404).end();
      return;
    }
    const disk = DISK_ROUTE.exec(url)?.[1];
    const answering = disk
      ? answerRawDisk(join(directory, disk), request.headers.range, response)
      : answer(directory, url, response);
    answering.catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
