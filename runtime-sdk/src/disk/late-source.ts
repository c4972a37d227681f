import type { BlockSource, Chunk } from "./block-source.ts";

/** A disk of which only the size is known until it is first read, or `open` is called. */
export class LateSource<Source extends BlockSource> implements BlockSource {
  readonly chunkSize: number;
  readonly diskSize: number;
  readonly #open: () => Promise<Source>;
  #opening: Promise<Source> | null = null;
  #source: Source | null = null;
  #closed = false;

  constructor(size: Pick<BlockSource, "chunkSize" | "diskSize">, open: () => Promise<Source>) {
    this.chunkSize = size.chunkSize;
    this.diskSize = size.diskSize;
    this.#open = open;
  }

  /** The disk itself. A later call after a rejection tries again. */
  open(): Promise<Source> {
    this.#opening ??= this.#open().then(
      (source) => {
        this.#source = source;
        if (this.#closed) source.close();
        return source;
      },
      (error) => {
        this.#opening = null;
        throw error;
      },
    );
    return this.#opening;
  }

  isZero(index: number): boolean {
    return this.#source?.isZero(index) ?? false;
  }

  peek(index: number): Chunk | null {
    return this.#source?.peek(index) ?? null;
  }

  async read(index: number): Promise<Chunk> {
    return (await this.open()).read(index);
  }

  close(): void {
    this.#closed = true;
    this.#source?.close();
  }
}
