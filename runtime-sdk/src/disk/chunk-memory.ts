import type { Chunk } from "./block-source.ts";

const DEFAULT_BYTES = 64 * 2 ** 20;
/** WHY: the largest single ATA read is 32 MiB, and all of it must be in memory at once. */
const LEAST_BYTES = 34 * 2 ** 20;

/** Chunks in memory, the least recently used given up first, and the loads under way, at most one a chunk. */
export class ChunkMemory {
  readonly #resident = new Map<number, Chunk>();
  readonly #most: number;
  readonly #pending = new Map<number, Promise<Chunk>>();

  /** `bytes` of chunks are kept, at least 34 MiB. */
  constructor(chunkSize: number, bytes = DEFAULT_BYTES) {
    this.#most = Math.ceil(Math.max(bytes, LEAST_BYTES) / chunkSize);
  }

  /** True when the chunk is in memory or on its way. */
  has(index: number): boolean {
    return this.#resident.has(index) || this.#pending.has(index);
  }

  peek(index: number): Chunk | null {
    const chunk = this.#resident.get(index);
    if (!chunk) return null;
    this.#resident.delete(index);
    this.#resident.set(index, chunk);
    return chunk;
  }

  keep(index: number, chunk: Chunk): void {
    this.#resident.set(index, chunk);
    if (this.#resident.size <= this.#most) return;
    const oldest = this.#resident.keys().next().value;
    if (oldest !== undefined) this.#resident.delete(oldest);
  }

  /** Joins the load of this chunk that is under way, or starts one; what it gives is kept. */
  load(index: number, start: () => Promise<Chunk>): Promise<Chunk> {
    const here = this.#pending.get(index);
    if (here) return here;
    const loading = start()
      .then((chunk) => {
        this.keep(index, chunk);
        return chunk;
      })
      .finally(() => this.#pending.delete(index));
    this.#pending.set(index, loading);
    return loading;
  }
}
