import { bytesToHex } from "@noble/hashes/utils.js";
import { ArtefactDamagedError } from "../errors/index.ts";

const ROW = 36;

/** SHA-256 of each chunk of a disk that is not all zero, by index. */
export type ChunkTable = ReadonlyMap<number, string>;

/** Parses the binary table described at `ImageDisk.table`. `chunkCount` bounds the indices; `url` names it in errors. */
export function parseChunkTable(bytes: Uint8Array, chunkCount: number, url: string): ChunkTable {
  if (bytes.length % ROW !== 0) throw new ArtefactDamagedError(url, `rows of ${ROW} bytes`, `${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = new Map<number, string>();
  let last = -1;
  for (let at = 0; at < bytes.length; at += ROW) {
    const index = view.getUint32(at, true);
    if (index <= last || index >= chunkCount) {
      throw new ArtefactDamagedError(url, `rising indices below ${chunkCount}`, `index ${index} after ${last}`);
    }
    table.set(index, bytesToHex(bytes.subarray(at + 4, at + ROW)));
    last = index;
  }
  return table;
}
