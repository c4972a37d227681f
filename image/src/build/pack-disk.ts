import { type FileHandle, open } from "node:fs/promises";
import { BLOCK_SIZE, type Extent, encodeSparseHeader } from "../sparse-disk.ts";

const PIECE = 4 * 2 ** 20;
const ZERO_PIECE = Buffer.alloc(PIECE);
const ZERO_BLOCK = Buffer.alloc(BLOCK_SIZE);

/** Reads a raw disk into the form of `sparse-disk.ts`. */
export async function packDisk(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { extents, blocks } = await readNonZeroBlocks(file, size);
    return Buffer.concat([encodeSparseHeader(size, extents), ...blocks]);
  } finally {
    await file.close();
  }
}

async function readNonZeroBlocks(file: FileHandle, size: number): Promise<{ extents: Extent[]; blocks: Buffer[] }> {
  const extents: { first: number; count: number }[] = [];
  const blocks: Buffer[] = [];
  const piece = Buffer.alloc(PIECE);
  for (let start = 0; start < size; start += PIECE) {
    const { bytesRead } = await file.read(piece, 0, PIECE, start);
    if (bytesRead === PIECE && piece.equals(ZERO_PIECE)) continue;
    for (let at = 0; at < bytesRead; at += BLOCK_SIZE) {
      const block = piece.subarray(at, at + BLOCK_SIZE);
      if (block.equals(ZERO_BLOCK)) continue;
      const number = (start + at) / BLOCK_SIZE;
      const last = extents.at(-1);
      if (last && last.first + last.count === number) last.count++;
      else extents.push({ first: number, count: 1 });
      blocks.push(Buffer.from(block));
    }
  }
  return { extents, blocks };
}
