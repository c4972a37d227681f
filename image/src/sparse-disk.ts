import type { Bytes } from "./digest.ts";

/*
 * A raw disk without its holes, the form in which a disk is checked in (then compressed):
 *
 *   offset  size  field
 *   0       8     "WBSPARSE"
 *   8       4     block size in bytes, u32 little-endian, like all numbers here
 *   12      4     size of the disk in blocks
 *   16      4     number of extents
 *   20      4     0
 *   24      8n    extents in rising order: first block, number of blocks
 *   ...           the blocks of the extents, one after the other
 *
 * A block that is all zero is in no extent, and neighbouring blocks are in one extent, so a disk has exactly one such form.
 */
const MAGIC = "WBSPARSE";
const HEADER = 24;
export const BLOCK_SIZE = 4096;

/** A run of blocks that are in a row on the disk. */
export interface Extent {
  readonly first: number;
  readonly count: number;
}

/** A disk of which only the blocks that are not all zero are in memory. */
export interface SparseDisk {
  /** Size in bytes. */
  readonly size: number;
  readonly extents: readonly Extent[];
  /** The bytes of the extents, one after the other. */
  readonly blocks: Bytes;
}

/** Reads the form above. @throws Error when the bytes are not exactly that form. */
export function decodeSparseDisk(bytes: Bytes): SparseDisk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < HEADER || Buffer.from(bytes.subarray(0, 8)).toString("latin1") !== MAGIC) {
    throw new Error("not a sparse disk: the first eight bytes are wrong");
  }
  if (view.getUint32(8, true) !== BLOCK_SIZE) throw new Error(`sparse disk: the block size is not ${BLOCK_SIZE}`);
  const diskBlocks = view.getUint32(12, true);
  const extentCount = view.getUint32(16, true);
  const start = HEADER + extentCount * 8;
  if (start > bytes.byteLength) throw new Error("sparse disk: the extent table is cut off");
  const extents: Extent[] = [];
  let end = 0;
  let total = 0;
  for (let at = HEADER; at < start; at += 8) {
    const extent = { first: view.getUint32(at, true), count: view.getUint32(at + 4, true) };
    if (extent.count === 0 || extent.first < end || extent.first + extent.count > diskBlocks) {
      throw new Error(`sparse disk: bad extent at block ${extent.first}`);
    }
    extents.push(extent);
    end = extent.first + extent.count;
    total += extent.count;
  }
  if (bytes.byteLength - start !== total * BLOCK_SIZE)
    throw new Error("sparse disk: its length does not match its extents");
  return { size: diskBlocks * BLOCK_SIZE, extents, blocks: bytes.subarray(start) };
}

/** Header and extent table; the blocks follow them. */
export function encodeSparseHeader(size: number, extents: readonly Extent[]): Uint8Array {
  const header = new Uint8Array(HEADER + extents.length * 8);
  header.set(Buffer.from(MAGIC, "latin1"));
  const view = new DataView(header.buffer);
  view.setUint32(8, BLOCK_SIZE, true);
  view.setUint32(12, size / BLOCK_SIZE, true);
  view.setUint32(16, extents.length, true);
  extents.forEach((extent, i) => {
    view.setUint32(HEADER + i * 8, extent.first, true);
    view.setUint32(HEADER + i * 8 + 4, extent.count, true);
  });
  return header;
}
