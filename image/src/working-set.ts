import type { Bytes } from "./digest.ts";
import { BLOCK_SIZE, type Extent } from "./sparse-disk.ts";

/*
 * The working set: the blocks of the disk that a boot and a first command read, in the order of the first read, as
 * `[[first, count], ...]`. It is kept in blocks, not chunks, so that the chunk size can be changed without another recording.
 */

export function parseWorkingSet(bytes: Bytes): Extent[] {
  const rows: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  if (!Array.isArray(rows)) throw new Error("working-set.json: must be a list");
  return rows.map((row: unknown) => {
    if (!Array.isArray(row) || row.length !== 2 || !row.every((number) => Number.isInteger(number))) {
      throw new Error("working-set.json: every entry must be [first block, number of blocks]");
    }
    const [first, count] = row as [number, number];
    return { first, count };
  });
}

/** @param chunks the chunks that were read, in order. */
export function encodeWorkingSet(chunks: readonly number[], chunkSize: number): string {
  const count = chunkSize / BLOCK_SIZE;
  return `[\n${chunks.map((index) => `[${index * count},${count}]`).join(",\n")}\n]\n`;
}

/** The chunks that hold the given blocks, each once, in order of first appearance. */
export function toChunkIndices(extents: readonly Extent[], chunkSize: number): number[] {
  const blocksPerChunk = chunkSize / BLOCK_SIZE;
  const indices = new Set<number>();
  for (const { first, count } of extents) {
    for (let index = Math.floor(first / blocksPerChunk); index * blocksPerChunk < first + count; index++)
      indices.add(index);
  }
  return [...indices];
}
