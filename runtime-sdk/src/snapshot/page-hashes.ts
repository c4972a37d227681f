/** Tells a page that is all zero, or was never looked at, from one whose hash happens to be zero. */
const NOT_ZERO = 1;

/** What the memory was like when it was last looked at, as 64 bits a page: tells which pages have changed since. */
export class PageHashes {
  readonly #low: Int32Array;
  readonly #high: Int32Array;

  constructor(pages: number) {
    this.#low = new Int32Array(pages);
    this.#high = new Int32Array(pages);
  }

  /** Remembers the hash of a page that is not zero. @returns whether it has changed. */
  update(page: number, [low, upper]: readonly [low: number, high: number]): boolean {
    const high = upper || NOT_ZERO;
    if (this.#low[page] === low && this.#high[page] === high) return false;
    this.#low[page] = low;
    this.#high[page] = high;
    return true;
  }

  /** Notes that a page is zero. @returns whether it was not. */
  updateZero(page: number): boolean {
    if (this.#high[page] === 0) return false;
    this.#low[page] = 0;
    this.#high[page] = 0;
    return true;
  }
}
