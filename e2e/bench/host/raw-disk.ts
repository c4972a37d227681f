import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { ImageManifest } from "warmboot/manifest";
import { progress } from "../progress.ts";
import { cacheDirectory } from "./paths.ts";

/** A row of the image's table of chunks: u32 index and SHA-256. */
const ROW = 36;

/** Path of the image's disk as one sparse file, made from its chunks the first time. */
export function rawDisk(directory: string, { disk }: ImageManifest): string {
  const path = join(cacheDirectory, `${disk.table.sha256.slice(0, 16)}.raw`);
  if (existsSync(path)) return path;
  progress("making the raw disk for plain v86");
  mkdirSync(cacheDirectory, { recursive: true });
  const table = readFileSync(join(directory, disk.table.file));
  const file = openSync(`${path}.${process.pid}.part`, "w");
  ftruncateSync(file, disk.size);
  for (let at = 0; at < table.length; at += ROW) {
    const name = table.toString("hex", at + 4, at + ROW);
    const chunk = gunzipSync(readFileSync(join(directory, "chunks", `${name}.bin`)));
    writeSync(file, chunk, 0, chunk.length, table.readUInt32LE(at) * disk.chunkSize);
  }
  closeSync(file);
  renameSync(`${path}.${process.pid}.part`, path);
  return path;
}
