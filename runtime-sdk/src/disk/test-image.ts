/** A small image for the tests of this folder, made in memory and served over real HTTP. */
import { createHash } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { ImageDisk, ImageFile } from "./manifest.ts";

export const CHUNK = 16 * 1024;

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const imageFile = (file: string, bytes: Uint8Array): ImageFile => ({ file, size: bytes.length, sha256: sha256(bytes) });

/** A disk of eight chunks: numbers 2 and 5 are all zero, 0 and 3 are the working set. */
export function makeDisk() {
  const raw = new Uint8Array(8 * CHUNK);
  for (let i = 0; i < raw.length; i++) raw[i] = [2, 5].includes(Math.floor(i / CHUNK)) ? 0 : (i * 31 + (i >> 8)) & 255;
  const files = new Map<string, Uint8Array>();
  const rows: Uint8Array[] = [];
  const chunk = (index: number) => raw.subarray(index * CHUNK, (index + 1) * CHUNK);
  for (const index of [0, 1, 3, 4, 6, 7]) {
    const row = Buffer.alloc(36);
    row.writeUInt32LE(index);
    Buffer.from(sha256(chunk(index)), "hex").copy(row, 4);
    rows.push(row);
    files.set(`chunks/${sha256(chunk(index))}.bin`, gzipSync(chunk(index)));
  }
  const table = Buffer.concat(rows);
  const pack = gzipSync(Buffer.concat([chunk(0), chunk(3)]));
  files.set("table.bin", table);
  files.set("pack.bin", pack);
  const disk: ImageDisk = {
    size: raw.length,
    chunkSize: CHUNK,
    table: imageFile("table.bin", table),
    workingSet: { ...imageFile("pack.bin", pack), chunks: [0, 3] },
  };
  return { raw, files, disk, table, chunkName: (index: number) => `chunks/${sha256(chunk(index))}.bin` };
}

/** What a server does with one request instead of answering it; returns false to let it be. */
export type Fault = (name: string, response: ServerResponse, count: number) => boolean;

/** Serves `files`; `requests` counts by name. */
export async function serve(files: ReadonlyMap<string, Uint8Array>, fault: Fault = () => false) {
  const requests = new Map<string, number>();
  const server: Server = createServer((request, response) => {
    const name = (request.url ?? "").slice(1);
    const count = (requests.get(name) ?? 0) + 1;
    requests.set(name, count);
    if (fault(name, response, count)) return;
    const bytes = files.get(name);
    response.writeHead(bytes ? 200 : 404).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    manifestUrl: `http://127.0.0.1:${port}/image.json`,
    requests,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
