/**
 * A pack: pages of 4096 bytes, each with its number. Little-endian: magic, version, number of pages, number of zero pages, the numbers of
 * both, the bytes of the pages. A zero page has no bytes; it says that what an older pack has under that number is gone.
 */

/** Bytes of a page of memory, and of a block of the disk. */
export const PAGE_SIZE = 4096;
const MAGIC = 0x4b504257;
const VERSION = 1;
const HEAD = 16;

export interface Pages {
  readonly numbers: Uint32Array;
  /** Numbers of pages that are all zero. */
  readonly zeros: Uint32Array;
  /** The pages' bytes, in the order of `numbers`. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Bytes of a pack with so many pages. */
export function packSize(pages: number, zeros: number): number {
  return HEAD + 4 * (pages + zeros) + PAGE_SIZE * pages;
}

/** Makes a pack of pages by number. Their bytes are copied. */
export function encodePack(pages: ReadonlyMap<number, Uint8Array>, zeros: readonly number[]): Uint8Array<ArrayBuffer> {
  const pack = new Uint8Array(packSize(pages.size, zeros.length));
  const head = new Uint32Array(pack.buffer, 0, HEAD / 4 + pages.size + zeros.length);
  head.set([MAGIC, VERSION, pages.size, zeros.length]);
  head.set([...pages.keys()], HEAD / 4);
  head.set(zeros, HEAD / 4 + pages.size);
  let at = head.byteLength;
  for (const page of pages.values()) {
    pack.set(page, at);
    at += PAGE_SIZE;
  }
  return pack;
}

/**
 * Reads a pack. The arrays look into it.
 * @param limit Every number must be below it.
 * @throws RangeError for bytes that are no pack.
 */
export function decodePack(pack: Uint8Array<ArrayBuffer>, limit: number): Pages {
  if (pack.byteLength < HEAD) throw new RangeError(`a pack of ${pack.byteLength} bytes`);
  const [magic, version, count = 0, zeroCount = 0] = new Uint32Array(pack.buffer, pack.byteOffset, HEAD / 4);
  if (magic !== MAGIC || version !== VERSION) throw new RangeError("not a pack, or one of another version");
  if (count > limit || zeroCount > limit || packSize(count, zeroCount) !== pack.byteLength)
    throw new RangeError(
      `a pack of ${pack.byteLength} bytes says that it has ${count} pages and ${zeroCount} zero ones`,
    );
  const numbers = new Uint32Array(pack.buffer, pack.byteOffset + HEAD, count);
  const zeros = new Uint32Array(pack.buffer, pack.byteOffset + HEAD + 4 * count, zeroCount);
  for (const number of [...numbers, ...zeros])
    if (number >= limit) throw new RangeError(`a pack has page ${number}; there are ${limit}`);
  return { numbers, zeros, bytes: pack.subarray(HEAD + 4 * (count + zeroCount)) };
}
