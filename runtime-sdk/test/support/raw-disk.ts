import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { parseImageManifest } from "warmboot/manifest";

const ROW = 36;

/** Answers a range request for the disk of a prepared image as one raw file, as a plain web server would. */
export async function answerRawDisk(
  directory: string,
  range: string | undefined,
  response: ServerResponse,
): Promise<void> {
  const { disk } = parseImageManifest(JSON.parse(await readFile(join(directory, "image.json"), "utf8")));
  const [first, last] = (/^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? []).slice(1).map(Number);
  if (first === undefined || last === undefined || last >= disk.size) {
    response.writeHead(416).end();
    return;
  }
  const table = await readFile(join(directory, disk.table.file));
  const names = new Map<number, string>();
  for (let at = 0; at < table.length; at += ROW)
    names.set(table.readUInt32LE(at), table.toString("hex", at + 4, at + ROW));
  const bytes = Buffer.alloc(last + 1 - first);
  for (let index = Math.floor(first / disk.chunkSize); index * disk.chunkSize <= last; index++) {
    const name = names.get(index);
    if (!name) continue;
    const chunk = gunzipSync(await readFile(join(directory, "chunks", `${name}.bin`)));
    const start = index * disk.chunkSize;
    const from = Math.max(first, start);
    chunk.copy(bytes, from - first, from - start, Math.min(last + 1, start + chunk.length) - start);
  }
  response
    .writeHead(206, { "content-range": `bytes ${first}-${last}/${disk.size}`, "content-length": bytes.length })
    .end(bytes);
}
