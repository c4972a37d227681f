import { gunzipExactly, gunzipPieces, sha256Hex } from "../bytes/index.ts";
import { ArtefactDamagedError } from "../errors/index.ts";
import type { ArtefactLoader } from "./artefact-loader.ts";
import type { BlockSource, Chunk } from "./block-source.ts";
import type { ChunkCache } from "./chunk-cache.ts";
import { ChunkMemory } from "./chunk-memory.ts";
import type { ChunkTable } from "./chunk-table.ts";
import type { ImageDisk } from "./manifest.ts";

export interface ChunkSourceOptions {
  readonly disk: ImageDisk;
  readonly table: ChunkTable;
  readonly loader: ArtefactLoader;
  /** `null`: nothing is kept between visits. */
  readonly cache: ChunkCache | null;
  /** Bytes of chunks kept in memory; the least recently used go first. Default 64 MiB. */
  readonly memoryBytes?: number;
  /** Called for each chunk the first time it is asked for, in order: how a working set is recorded. */
  readonly onFirstRead?: (index: number) => void;
}

/** The read-only chunks of an image's disk: fetched once when first asked for, checked against their hash, kept in bounds. */
export class ChunkSource implements BlockSource {
  readonly chunkSize: number;
  readonly diskSize: number;
  readonly #options: ChunkSourceOptions;
  readonly #zero: Chunk;
  readonly #memory: ChunkMemory;
  readonly #asked = new Set<number>();
  readonly #stop = new AbortController();

  constructor(options: ChunkSourceOptions) {
    this.#options = options;
    this.chunkSize = options.disk.chunkSize;
    this.diskSize = options.disk.size;
    this.#zero = new Uint8Array(this.chunkSize);
    this.#memory = new ChunkMemory(this.chunkSize, options.memoryBytes);
  }

  isZero(index: number): boolean {
    return !this.#options.table.has(index);
  }

  /** The chunk if it is in memory now (all-zero chunks always are). Do not write to it. */
  peek(index: number): Chunk | null {
    this.#noteRead(index);
    if (this.isZero(index)) return this.#zero;
    return this.#memory.peek(index);
  }

  /** The chunk, loaded when needed. Rejects with ArtefactMissingError or ArtefactDamagedError; a later call tries again. */
  read(index: number): Promise<Chunk> {
    const here = this.peek(index);
    return here ? Promise.resolve(here) : this.#memory.load(index, () => this.#load(index));
  }

  /**
   * Takes the boot working set, which is one file, when it arrives. Reads of its chunks wait for it meanwhile; when it fails they are
   * fetched one by one, so that a damaged working set costs time and nothing else. Never rejects.
   */
  prefetch(arriving: Promise<Chunk>): Promise<void> {
    const { workingSet } = this.#options.disk;
    const waiting = new Map<number, (chunk: Chunk | null) => void>();
    for (const index of workingSet.chunks) {
      if (this.#memory.has(index) || waiting.has(index)) continue;
      const arrival = new Promise<Chunk | null>((resolve) => waiting.set(index, resolve));
      this.#memory.load(index, async () => (await arrival) ?? this.#load(index)).catch(() => {});
    }
    return this.#unpackWorkingSet(arriving, (index, chunk) => {
      this.#memory.keep(index, chunk);
      waiting.get(index)?.(chunk);
      waiting.delete(index);
    })
      .catch(() => {})
      .finally(() => {
        for (const giveUp of waiting.values()) giveUp(null);
      });
  }

  /** Ends every load under way. */
  close(): void {
    this.#stop.abort(new Error("the disk was closed"));
  }

  async #unpackWorkingSet(arriving: Promise<Chunk>, onChunk: (index: number, chunk: Chunk) => void): Promise<void> {
    const { workingSet } = this.#options.disk;
    const packed = await arriving;
    let chunk = new Uint8Array(this.chunkSize);
    let filled = 0;
    let next = 0;
    for await (const piece of gunzipPieces(packed)) {
      for (let at = 0; at < piece.byteLength; ) {
        const taken = Math.min(this.chunkSize - filled, piece.byteLength - at);
        chunk.set(piece.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled < this.chunkSize) continue;
        const index = workingSet.chunks[next++];
        if (index === undefined) throw new RangeError("the working set is longer than its list of chunks");
        // WHY no hash here: the file's own hash was checked above, and it covers these bytes.
        onChunk(index, chunk);
        chunk = new Uint8Array(this.chunkSize);
        filled = 0;
      }
    }
  }

  async #load(index: number): Promise<Chunk> {
    const hash = this.#options.table.get(index);
    if (hash === undefined) return this.#zero;
    return (await this.#fromCache(hash)) ?? this.#fromOrigin(hash);
  }

  async #fromCache(hash: string): Promise<Chunk | null> {
    const { cache } = this.#options;
    const packed = await cache?.get(hash).catch(() => null);
    if (!packed) return null;
    try {
      return await this.#unpack(packed, hash, `cached chunk ${hash}`);
    } catch {
      await cache?.remove(hash);
      return null;
    }
  }

  async #fromOrigin(hash: string): Promise<Chunk> {
    const { loader, cache } = this.#options;
    // WHY twice the size: gzip grows incompressible data by far less; anything longer is not a chunk.
    return loader.load(`chunks/${hash}.bin`, this.chunkSize * 2, this.#stop.signal, async (packed, url) => {
      const chunk = await this.#unpack(packed, hash, url);
      void cache?.put(hash, packed);
      return chunk;
    });
  }

  async #unpack(packed: Chunk, hash: string, name: string): Promise<Chunk> {
    let chunk: Chunk;
    try {
      chunk = await gunzipExactly(packed, this.chunkSize);
    } catch (cause) {
      throw new ArtefactDamagedError(name, `${this.chunkSize} bytes in gzip`, "something else", cause);
    }
    const actual = await sha256Hex(chunk);
    if (actual !== hash) throw new ArtefactDamagedError(name, `SHA-256 ${hash}`, actual);
    return chunk;
  }

  #noteRead(index: number): void {
    if (!this.#options.onFirstRead || this.#asked.has(index)) return;
    this.#asked.add(index);
    this.#options.onFirstRead(index);
  }
}
