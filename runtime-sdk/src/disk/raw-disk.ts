import { ArtefactDamagedError, ArtefactMissingError, WarmbootError } from "../errors/index.ts";
import type { BlockSource, Chunk } from "./block-source.ts";
import { ChunkMemory } from "./chunk-memory.ts";
import type { RandomAccess } from "./random-access.ts";

const CHUNK_SIZE = 128 * 1024;

/** A raw disk image as it is, read in pieces when they are asked for. */
export class RawDisk implements BlockSource {
  readonly chunkSize = CHUNK_SIZE;
  readonly diskSize: number;
  readonly #name: string;
  readonly #image: RandomAccess;
  readonly #memory = new ChunkMemory(CHUNK_SIZE);
  readonly #zero: Chunk = new Uint8Array(CHUNK_SIZE);
  readonly #stop = new AbortController();

  /** `name` names the image in errors. */
  constructor(name: string, image: RandomAccess) {
    this.#name = name;
    this.#image = image;
    this.diskSize = Math.ceil(image.size / CHUNK_SIZE) * CHUNK_SIZE;
  }

  isZero(index: number): boolean {
    return index * CHUNK_SIZE >= this.diskSize;
  }

  peek(index: number): Chunk | null {
    return this.isZero(index) ? this.#zero : this.#memory.peek(index);
  }

  read(index: number): Promise<Chunk> {
    const here = this.peek(index);
    return here ? Promise.resolve(here) : this.#memory.load(index, () => this.#load(index));
  }

  close(): void {
    this.#stop.abort(new Error("the disk was closed"));
    void this.#image.close();
  }

  async #load(index: number): Promise<Chunk> {
    const offset = index * CHUNK_SIZE;
    const wanted = Math.min(CHUNK_SIZE, this.#image.size - offset);
    let bytes: Uint8Array;
    try {
      bytes = await this.#image.read(offset, wanted, this.#stop.signal);
    } catch (cause) {
      throw cause instanceof WarmbootError ? cause : new ArtefactMissingError(this.#name, null, cause);
    }
    if (bytes.byteLength !== wanted) {
      throw new ArtefactDamagedError(this.#name, `${wanted} bytes at ${offset}`, `${bytes.byteLength}`);
    }
    const chunk = new Uint8Array(CHUNK_SIZE);
    chunk.set(bytes);
    return chunk;
  }
}
