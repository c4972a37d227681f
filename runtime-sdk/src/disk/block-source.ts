export type Chunk = Uint8Array<ArrayBuffer>;

/** What lies under a machine's own blocks: a disk that is only read, in pieces (chunks) of one size. */
export interface BlockSource {
  /** Bytes of a chunk; a multiple of the block size. */
  readonly chunkSize: number;
  /** Bytes of the disk. What is asked for beyond them is zero. */
  readonly diskSize: number;
  /** True if the chunk is known to be all zero. */
  isZero(index: number): boolean;
  /** The chunk if it is in memory now. Do not write to it. */
  peek(index: number): Chunk | null;
  /** The chunk, loaded when needed. A later call after a rejection tries again. */
  read(index: number): Promise<Chunk>;
  /** Ends every load under way. */
  close(): void;
}
