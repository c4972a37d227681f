/**
 * Gathers the pieces that arrive while the emulated CPU runs one slice (about a millisecond) and hands them on as one when it pauses: a
 * message between threads costs more than the bytes in it.
 */
export class Batch {
  readonly #onBytes: (bytes: Uint8Array<ArrayBuffer>) => void;
  #pieces: Uint8Array[] = [];
  #size = 0;

  constructor(onBytes: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#onBytes = onBytes;
  }

  add(bytes: Uint8Array): void {
    // WHY a microtask: v86 runs a slice without returning to the event loop, so this comes right after it.
    if (this.#pieces.length === 0) queueMicrotask(() => this.#flush());
    this.#pieces.push(bytes);
    this.#size += bytes.byteLength;
  }

  #flush(): void {
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.byteLength;
    }
    this.#pieces = [];
    this.#size = 0;
    this.#onBytes(whole);
  }
}
