/** Packs with fewer pages are small: there may be only so many of them, or opening a machine would take many reads. */
const SMALL = 1024;
const MOST_SMALL = 12;

/**
 * Knows which pack has the newest copy of each page, so that a commit writes only what changed and old packs go when little of them is
 * still of use.
 */
export class PackLedger {
  /** Page number → serial of the pack that has its newest copy. */
  readonly #owner = new Map<number, number>();
  /** Serial → pages written, and pages of which it still has the newest copy. In order of age. */
  readonly #packs = new Map<number, { readonly size: number; live: number }>();
  #next: number;

  constructor(firstSerial: number) {
    this.#next = firstSerial;
  }

  /** Serials of the packs that are of use, oldest first. */
  get packs(): number[] {
    return [...this.#packs.keys()];
  }

  /** Numbers of all pages that are in a pack. */
  get pages(): number[] {
    return [...this.#owner.keys()];
  }

  /** Takes a pack up that exists. Packs must be given from the oldest to the newest. */
  restore(serial: number, numbers: Iterable<number>): void {
    this.#assign(serial, [...numbers]);
  }

  /**
   * What the next commit must write besides the pages that changed, so that the packs stay few and full: pages of packs of which less
   * than half is of use, and of the small ones when there are too many.
   */
  toMove(changed: ReadonlySet<number>): number[] {
    const left = new Map([...this.#packs].map(([serial, { live }]) => [serial, live]));
    for (const number of changed) {
      const owner = this.#owner.get(number);
      if (owner !== undefined) left.set(owner, (left.get(owner) ?? 0) - 1);
    }
    const moved = new Set<number>();
    const small: number[] = [];
    for (const [serial, { size }] of this.#packs) {
      if ((left.get(serial) ?? 0) * 2 < size) moved.add(serial);
      else if (size < SMALL) small.push(serial);
    }
    if (small.length >= MOST_SMALL) for (const serial of small) moved.add(serial);
    if (moved.size === 0) return [];
    return [...this.#owner].flatMap(([number, owner]) => (moved.has(owner) && !changed.has(number) ? [number] : []));
  }

  /** Notes a new pack with these pages; returns its serial. */
  add(numbers: readonly number[]): number {
    const serial = this.#next++;
    this.#assign(serial, numbers);
    return serial;
  }

  #assign(serial: number, numbers: readonly number[]): void {
    this.#packs.set(serial, { size: numbers.length, live: numbers.length });
    for (const number of numbers) {
      const before = this.#owner.get(number);
      this.#owner.set(number, serial);
      const pack = before === undefined ? undefined : this.#packs.get(before);
      if (pack && --pack.live === 0 && before !== undefined) this.#packs.delete(before);
    }
  }
}
