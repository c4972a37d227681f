import type { BlockSource } from "./block-source.ts";

/** Bytes in one block of the overlay; ext4's own block size. */
export const BLOCK_SIZE = 4096;

/** Blocks that a machine has written. */
export interface OwnBlocks {
  /** Block numbers: the offset on the disk divided by 4096. */
  readonly numbers: Uint32Array<ArrayBuffer>;
  /** Their bytes, 4096 each, in the same order. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * The disk of one machine: an image's chunks, never changed, under the machine's own blocks. A block becomes the machine's own when it
 * is first written.
 */
export class CowDisk {
  readonly byteLength: number;
  readonly #source: BlockSource;
  readonly #own = new Map<number, Uint8Array<ArrayBuffer>>();
  #changed = new Set<number>();

  /**
   * @param size Bytes, at least those of the source; what is beyond them is zero. Default: the source's.
   * @param own Blocks that the machine has written before.
   */
  constructor(source: BlockSource, size = source.diskSize, own: OwnBlocks | null = null) {
    this.#source = source;
    this.byteLength = size;
    if (own) this.adopt(own);
  }

  /** Takes over blocks that the machine has written before. They do not count as changed. */
  adopt({ numbers, bytes }: OwnBlocks): void {
    for (const [i, number] of numbers.entries())
      this.#own.set(number, bytes.subarray(i * BLOCK_SIZE, (i + 1) * BLOCK_SIZE));
  }

  /** Number of blocks that are the machine's own. */
  get ownBlocks(): number {
    return this.#own.size;
  }

  /** Reads at once if everything needed is in memory, else returns `null`. */
  readNow(offset: number, length: number): Uint8Array<ArrayBuffer> | null {
    this.#check(offset, length);
    const result = new Uint8Array(length);
    return this.#fill(result, offset) ? result : null;
  }

  /** Reads, loading what is needed. Rejects when a chunk cannot be had. */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const now = this.readNow(offset, length);
      if (now) return now;
      await this.#load(offset, length);
    }
  }

  /** Writes at once if that needs nothing of the image that is not in memory; returns whether it did. */
  writeNow(offset: number, bytes: Uint8Array): boolean {
    this.#check(offset, bytes.byteLength);
    if (!this.#canWrite(offset, bytes.byteLength)) return false;
    for (let at = 0; at < bytes.byteLength; ) {
      const index = Math.floor((offset + at) / BLOCK_SIZE);
      const within = (offset + at) % BLOCK_SIZE;
      const size = Math.min(BLOCK_SIZE - within, bytes.byteLength - at);
      const part = bytes.subarray(at, at + size);
      if (!this.#isZeroAlready(index, part)) this.#ownBlock(index, size === BLOCK_SIZE).set(part, within);
      at += size;
    }
    return true;
  }

  /** Writes, loading what is needed of blocks that are written in part. */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    while (!this.writeNow(offset, bytes)) await this.#load(offset, bytes.byteLength);
  }

  /** Takes the machine's own blocks out: the disk must not be used any more. */
  take(): OwnBlocks {
    const numbers = new Uint32Array(this.#own.size);
    const bytes = new Uint8Array(this.#own.size * BLOCK_SIZE);
    let i = 0;
    for (const [number, block] of this.#own) {
      numbers[i] = number;
      bytes.set(block, i * BLOCK_SIZE);
      i++;
      // WHY at once: both copies of a full disk might not fit into memory.
      this.#own.delete(number);
    }
    return { numbers, bytes };
  }

  /** Numbers of the blocks that are the machine's own. */
  ownNumbers(): number[] {
    return [...this.#own.keys()];
  }

  /** One of the machine's own blocks; `null` for another. Do not write to it. */
  ownBlock(number: number): Uint8Array | null {
    return this.#own.get(number) ?? null;
  }

  /** Counts every own block as written. */
  markChanged(): void {
    this.#changed = new Set(this.#own.keys());
  }

  /** Numbers of the blocks that were written since the last call. */
  takeChanged(): Set<number> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  close(): void {
    this.#source.close();
  }

  /** Zeros written where the image is zero need no block of the machine's own: a file system that is made or grown writes many. */
  #isZeroAlready(block: number, bytes: Uint8Array): boolean {
    if (this.#own.has(block)) return false;
    if (!this.#source.isZero(Math.floor((block * BLOCK_SIZE) / this.#source.chunkSize))) return false;
    return bytes.every((byte) => byte === 0);
  }

  #check(offset: number, length: number): void {
    if (offset < 0 || length < 0 || offset + length > this.byteLength) {
      throw new RangeError(`bytes ${offset} to ${offset + length} of a disk of ${this.byteLength}`);
    }
  }

  /** Fills `result` from the overlay and the chunks in memory; false when something is missing. */
  #fill(result: Uint8Array, offset: number): boolean {
    const { chunkSize } = this.#source;
    for (let at = 0; at < result.byteLength; ) {
      const position = offset + at;
      const within = position % BLOCK_SIZE;
      const size = Math.min(BLOCK_SIZE - within, result.byteLength - at);
      const own = this.#own.get(Math.floor(position / BLOCK_SIZE));
      if (own) {
        result.set(own.subarray(within, within + size), at);
      } else {
        const chunk = this.#source.peek(Math.floor(position / chunkSize));
        if (!chunk) return false;
        const start = position % chunkSize;
        result.set(chunk.subarray(start, start + size), at);
      }
      at += size;
    }
    return true;
  }

  /** Loads the chunks behind a range that are needed and not in memory. */
  async #load(offset: number, length: number): Promise<void> {
    const { chunkSize } = this.#source;
    const loads: Promise<unknown>[] = [];
    for (let index = Math.floor(offset / chunkSize); index * chunkSize < offset + length; index++) {
      if (!this.#source.peek(index)) loads.push(this.#source.read(index));
    }
    await Promise.all(loads);
  }

  #canWrite(offset: number, length: number): boolean {
    const edges = [offset, offset + length].filter((edge) => edge % BLOCK_SIZE !== 0);
    return edges.every(
      (edge) =>
        this.#own.has(Math.floor(edge / BLOCK_SIZE)) ||
        this.#source.peek(Math.floor(edge / this.#source.chunkSize)) !== null,
    );
  }

  #ownBlock(index: number, overwritten: boolean): Uint8Array {
    this.#changed.add(index);
    let block = this.#own.get(index);
    if (!block) {
      block = new Uint8Array(BLOCK_SIZE);
      if (!overwritten) this.#fill(block, index * BLOCK_SIZE);
      this.#own.set(index, block);
    }
    return block;
  }
}
