import { PAGE_SIZE } from "./pack.ts";

const WORDS = PAGE_SIZE / 4;
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

  /**
   * Looks at a page that is not zero, and remembers it.
   * @param words Where its bytes are, as 32-bit words: in the memory, or elsewhere.
   * @param at Number of the page that they are there, counted from the first of `words`.
   * @returns whether it has changed.
   */
  update(words: Int32Array, page: number, at = page): boolean {
    // WHY four lanes, with each word in two of them: they run side by side, and a change must be missed by 64 bits to be missed.
    let a = 0x9e3779b9 | 0;
    let b = 0x85ebca6b | 0;
    let c = 0xc2b2ae35 | 0;
    let d = 0x27d4eb2f | 0;
    const end = (at + 1) * WORDS;
    for (let i = at * WORDS; i < end; i += 2) {
      const even = words[i] as number;
      const odd = words[i + 1] as number;
      a = Math.imul(a ^ even, 0x01000193);
      b = Math.imul(b ^ even, 0x5bd1e995);
      c = Math.imul(c ^ odd, 0x01000193);
      d = Math.imul(d ^ odd, 0x5bd1e995);
      a ^= a >>> 15;
      b ^= b >>> 13;
      c ^= c >>> 15;
      d ^= d >>> 13;
    }
    const low = a ^ Math.imul(c, 0x85ebca6b);
    const high = b ^ Math.imul(d, 0xc2b2ae35) || NOT_ZERO;
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
