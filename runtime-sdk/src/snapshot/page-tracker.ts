import { encodePack, type Pages } from "./pack.ts";
import { PackLedger } from "./pack-ledger.ts";

/** Pages in one pack, at most: bounds the memory that opening a machine takes at a time. */
export const PACK_PAGES = 4096;

/** Where pages are from: a machine's memory or its disk. */
export interface PageSource {
  /** Numbers of the pages that changed since it was last asked. */
  takeChanged(): Iterable<number>;
  /** Null for one that is all zero. */
  page(number: number): Uint8Array | null;
}

/** Pages that a commit has to write, copied out of the machine. */
export interface CopiedPack {
  readonly serial: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Makes the packs of one kind of page, commit after commit. */
export class PageTracker {
  readonly #ledger: PackLedger;
  /** Pages that must be written whether they change or not: those of a commit that failed. */
  #owed: number[] = [];
  #written: number[] = [];

  /** `firstSerial`: the first pack's number. */
  constructor(firstSerial: number) {
    this.#ledger = new PackLedger(firstSerial);
  }

  /** Serials of the packs that make up the pages together, oldest first. */
  get packs(): number[] {
    return this.#ledger.packs;
  }

  /** Takes a pack up from which the machine was restored; the oldest first. `serial` 0: it is in no store. */
  restore(serial: number, { numbers, zeros }: Pages): void {
    if (serial === 0) this.#owed = [...this.#owed, ...numbers];
    else this.#ledger.restore(serial, [...numbers, ...zeros]);
  }

  /** Copies what changed since the last commit. */
  take(source: PageSource): CopiedPack[] {
    const changed = new Set([...source.takeChanged(), ...this.#owed]);
    const numbers = [...changed, ...this.#ledger.toMove(changed)].sort((a, b) => a - b);
    this.#written = numbers;
    const packs: CopiedPack[] = [];
    for (let at = 0; at < numbers.length; at += PACK_PAGES) {
      const part = numbers.slice(at, at + PACK_PAGES);
      packs.push({ serial: this.#ledger.add(part), bytes: copy(part, source) });
    }
    return packs;
  }

  /** Whether what was taken last is safe now; `gone`: it is not, and what was safe before is lost. */
  settle(stored: boolean | "gone"): void {
    const owed = stored === "gone" ? this.#ledger.pages : this.#written;
    this.#owed = stored === true ? [] : [...new Set([...this.#owed, ...owed])];
    this.#written = [];
  }
}

/** A pack of pages as they are now. */
export function copy(numbers: readonly number[], source: Pick<PageSource, "page">): Uint8Array<ArrayBuffer> {
  const pages = new Map<number, Uint8Array>();
  const zeros: number[] = [];
  for (const number of numbers) {
    const page = source.page(number);
    if (page) pages.set(number, page);
    else zeros.push(number);
  }
  return encodePack(pages, zeros);
}
