import { BLOCK_SIZE, type SparseDisk } from "./sparse-disk.ts";

/** A piece of the raw disk of the image's chunk size. */
export interface Chunk {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** The chunks of a disk that are not all zero, in rising order of index. */
export function* chunksOf(disk: SparseDisk, chunkSize: number): Generator<Chunk> {
  const blocksPerChunk = chunkSize / BLOCK_SIZE;
  let current: Chunk | undefined;
  let offset = 0;
  for (const { first, count } of disk.extents) {
    for (let block = first; block < first + count; block++) {
      const index = Math.floor(block / blocksPerChunk);
      if (current?.index !== index) {
        if (current) yield current;
        current = { index, bytes: new Uint8Array(chunkSize) };
      }
      current.bytes.set(disk.blocks.subarray(offset, offset + BLOCK_SIZE), (block % blocksPerChunk) * BLOCK_SIZE);
      offset += BLOCK_SIZE;
    }
  }
  if (current) yield current;
}

/** The chunk table as published: 36-byte rows, `u32 little-endian index` and the SHA-256 of the raw chunk. */
export function encodeChunkTable(rows: readonly { index: number; sha256: string }[]): Uint8Array {
  const table = Buffer.alloc(rows.length * 36);
  rows.forEach((row, i) => {
    table.writeUInt32LE(row.index, i * 36);
    table.write(row.sha256, i * 36 + 4, "hex");
  });
  return table;
}
