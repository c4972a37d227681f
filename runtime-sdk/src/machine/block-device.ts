/** A disk as the machine sees it. Whoever wires the machine brings one. */
export interface BlockDevice {
  readonly byteLength: number;
  /** The bytes if they can be had at once, else `null`. */
  readNow(offset: number, length: number): Uint8Array | null;
  read(offset: number, length: number): Promise<Uint8Array>;
  /** True when the write was done at once. */
  writeNow(offset: number, bytes: Uint8Array): boolean;
  write(offset: number, bytes: Uint8Array): Promise<void>;
}
