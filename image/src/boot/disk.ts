import { BLOCK_SIZE, type Extent, type SparseDisk } from "../sparse-disk.ts";

/** A disk in memory for v86's `hda` option, which remembers what was read. The interface is v86's own and undocumented. */
export class RecordingDisk {
  readonly byteLength: number;
  onload: ((event: object) => void) | undefined;
  onprogress: ((event: object) => void) | undefined;
  readonly #blocks = new Map<number, Uint8Array>();
  readonly #read = new Set<number>();
  readonly #written = new Set<number>();

  constructor(disk: SparseDisk) {
    this.byteLength = disk.size;
    let offset = 0;
    for (const { first, count } of disk.extents) {
      for (let block = first; block < first + count; block++, offset += BLOCK_SIZE) {
        this.#blocks.set(block, disk.blocks.subarray(offset, offset + BLOCK_SIZE));
      }
    }
  }

  /** The blocks read so far, in order of the first read. A block that the guest wrote before it read it is not among them. */
  get firstReads(): Extent[] {
    const extents: { first: number; count: number }[] = [];
    for (const block of this.#read) {
      const last = extents.at(-1);
      if (last && last.first + last.count === block) last.count++;
      else extents.push({ first: block, count: 1 });
    }
    return extents;
  }

  load(): void {
    this.onload?.({});
  }

  get(offset: number, length: number, done: (bytes: Uint8Array) => void): void {
    for (let block = Math.floor(offset / BLOCK_SIZE); block * BLOCK_SIZE < offset + length; block++) {
      if (!this.#written.has(block)) this.#read.add(block);
    }
    done(this.#bytes(offset, length));
  }

  get_and_cache(offset: number, length: number, done: (bytes: Uint8Array) => void): void {
    this.get(offset, length, done);
  }

  get_from_cache(offset: number, length: number): Uint8Array {
    return this.#bytes(offset, length);
  }

  set(offset: number, bytes: Uint8Array, done: () => void): void {
    for (let at = 0; at < bytes.byteLength; ) {
      const block = Math.floor((offset + at) / BLOCK_SIZE);
      const from = (offset + at) % BLOCK_SIZE;
      const part = bytes.subarray(at, at + BLOCK_SIZE - from);
      const copy = new Uint8Array(BLOCK_SIZE);
      copy.set(this.#blocks.get(block) ?? []);
      copy.set(part, from);
      this.#blocks.set(block, copy);
      this.#written.add(block);
      at += part.byteLength;
    }
    done();
  }

  get_buffer(done: (buffer?: ArrayBuffer) => void): void {
    done();
  }

  get_state(): unknown[] {
    return [];
  }

  set_state(): void {}

  #bytes(offset: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; ) {
      const from = (offset + at) % BLOCK_SIZE;
      const part = Math.min(BLOCK_SIZE - from, length - at);
      const block = this.#blocks.get(Math.floor((offset + at) / BLOCK_SIZE));
      if (block) bytes.set(block.subarray(from, from + part), at);
      at += part;
    }
    return bytes;
  }
}
