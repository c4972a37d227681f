/** Pieces shorter than this are gathered in blocks: a list of many small ones is slow to go through. */
const SMALL = 2048;
const BLOCK = 16 * 1024;

/** Bytes in order, in the pieces in which they came. */
export class ByteQueue {
  readonly #pieces: Uint8Array[] = [];
  #size = 0;
  /** The block at the end that small pieces are gathered in, and what of it is used. */
  #block: Uint8Array<ArrayBuffer> | null = null;
  #used = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds bytes, which are not to be changed any more. */
  push(bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    this.#size += bytes.byteLength;
    if (bytes.byteLength >= SMALL) {
      this.#block = null;
      this.#pieces.push(bytes);
      return;
    }
    if (this.#block && this.#used + bytes.byteLength <= BLOCK) {
      this.#block.set(bytes, this.#used);
      const last = this.#pieces.at(-1);
      if (last) {
        this.#used += bytes.byteLength;
        this.#pieces[this.#pieces.length - 1] = new Uint8Array(
          last.buffer,
          last.byteOffset,
          last.byteLength + bytes.byteLength,
        );
        return;
      }
    }
    this.#block = new Uint8Array(BLOCK);
    this.#block.set(bytes);
    this.#used = bytes.byteLength;
    this.#pieces.push(this.#block.subarray(0, bytes.byteLength));
  }

  /** Copies `size` bytes from `offset` on. They must be there. */
  copy(offset: number, size: number, target: Uint8Array, targetAt: number): void {
    let skip = offset;
    let at = targetAt;
    let left = size;
    for (const piece of this.#pieces) {
      if (left === 0) return;
      if (skip >= piece.byteLength) {
        skip -= piece.byteLength;
        continue;
      }
      const part = piece.subarray(skip, skip + left);
      target.set(part, at);
      at += part.byteLength;
      left -= part.byteLength;
      skip = 0;
    }
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    let left = Math.min(count, this.#size);
    this.#size -= left;
    let whole = 0;
    for (const piece of this.#pieces) {
      if (piece.byteLength > left) break;
      left -= piece.byteLength;
      whole++;
    }
    this.#pieces.splice(0, whole);
    const first = this.#pieces[0];
    if (left > 0 && first) this.#pieces[0] = first.subarray(left);
    // WHY: what is gathered there would follow a piece that is gone.
    if (this.#pieces.length === 0) this.#block = null;
  }

  /** Takes the first piece, or the first `limit` bytes of it. */
  shift(limit: number): Uint8Array | null {
    const piece = this.#pieces[0]?.subarray(0, limit);
    if (!piece || piece.byteLength === 0) return null;
    this.drop(piece.byteLength);
    return piece;
  }

  clear(): void {
    this.drop(this.#size);
  }
}
