import { describe, expect, it } from "vitest";
import { chunksOf, encodeChunkTable } from "../src/chunks.ts";
import { sha256 } from "../src/digest.ts";
import { BLOCK_SIZE, decodeSparseDisk, type Extent, encodeSparseHeader } from "../src/sparse-disk.ts";

const SIZE = 64 * BLOCK_SIZE;
const extents: Extent[] = [
  { first: 1, count: 2 },
  { first: 7, count: 2 },
  { first: 63, count: 1 },
];

function sparse(blocks = 5): Buffer {
  const content = Array.from({ length: blocks }, (_, i) => Buffer.alloc(BLOCK_SIZE, i + 1));
  return Buffer.concat([encodeSparseHeader(SIZE, extents), ...content]);
}

describe("a sparse disk", () => {
  it("decodes to what was encoded", () => {
    const disk = decodeSparseDisk(sparse());
    expect(disk.size).toBe(SIZE);
    expect(disk.extents).toEqual(extents);
    expect(disk.blocks.byteLength).toBe(5 * BLOCK_SIZE);
  });

  it("is cut into chunks with the holes filled with zeros", () => {
    const chunks = [...chunksOf(decodeSparseDisk(sparse()), 4 * BLOCK_SIZE)];
    expect(
      chunks.map(({ index, bytes }) => [index, ...[0, 1, 2, 3].map((block) => bytes[block * BLOCK_SIZE])]),
    ).toEqual([
      [0, 0, 1, 2, 0],
      [1, 0, 0, 0, 3],
      [2, 4, 0, 0, 0],
      [15, 0, 0, 0, 5],
    ]);
  });

  it("is refused when it is cut off, too long or out of order", () => {
    expect(() => decodeSparseDisk(sparse().subarray(0, 20))).toThrow("first eight bytes");
    expect(() => decodeSparseDisk(sparse().subarray(0, 30))).toThrow("extent table is cut off");
    expect(() => decodeSparseDisk(sparse(4))).toThrow("length does not match");
    expect(() => decodeSparseDisk(sparse(6))).toThrow("length does not match");
    const unordered = sparse();
    unordered.writeUInt32LE(8, 24);
    expect(() => decodeSparseDisk(unordered)).toThrow("bad extent at block 7");
    const outside = sparse();
    outside.writeUInt32LE(64, 40);
    expect(() => decodeSparseDisk(outside)).toThrow("bad extent at block 64");
  });
});

describe("a chunk table", () => {
  it("has 36-byte rows of index and hash", () => {
    const digest = sha256("chunk");
    const table = Buffer.from(encodeChunkTable([{ index: 258, sha256: digest }]));
    expect(table.toString("hex")).toBe(`02010000${digest}`);
  });
});
