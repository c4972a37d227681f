import type { GuestMemory } from "../machine/index.ts";
import { PAGE_SIZE, PageHashes, type PageSource, type Pages } from "../snapshot/index.ts";

/** Pages that are looked at without a pause: a few ms. */
const AT_ONCE = 512;
/** Until a restored machine has other things to do than to come up. */
const NOTE_AFTER_MS = 1000;
const NOTE_EVERY_MS = 20;

/** The pages of a machine's memory, as the tracker of changes sees them. */
export class MemoryPages {
  readonly #hashes: PageHashes;
  /** What was restored and has not been looked at yet, oldest first. */
  #restored: { readonly pages: Pages; next: number }[] = [];

  constructor(pages: number) {
    this.#hashes = new PageHashes(pages);
  }

  /** Puts pages into the memory of a machine that is being restored. */
  fill(memory: Uint8Array, { numbers, zeros, bytes }: Pages): void {
    for (const [i, number] of numbers.entries())
      memory.set(bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE), number * PAGE_SIZE);
    for (const number of zeros) memory.fill(0, number * PAGE_SIZE, (number + 1) * PAGE_SIZE);
  }

  /**
   * These pages count as unchanged: they are what the machine was restored from, oldest first. WHY looked at later, and not in the
   * memory: it takes longer than all else of a restore, and the machine may write to them meanwhile.
   */
  note(packs: readonly Pages[]): void {
    this.#restored = packs.map((pages) => ({ pages, next: 0 }));
    const some = () => {
      this.#noteSome(AT_ONCE);
      if (this.#restored.length > 0) setTimeout(some, NOTE_EVERY_MS);
    };
    setTimeout(some, NOTE_AFTER_MS);
  }

  /** Looks at what `note` has left. To be called before `at` is used. */
  noteRest(): void {
    while (this.#restored.length > 0) this.#noteSome(Number.POSITIVE_INFINITY);
  }

  #noteSome(most: number): void {
    const [first] = this.#restored;
    if (!first) return;
    const { numbers, zeros, bytes } = first.pages;
    // The pages of a pack begin at a multiple of 4.
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const end = Math.min(first.next + most, numbers.length);
    for (let i = first.next; i < end; i++) {
      const page = numbers[i] ?? 0;
      const from = (i * PAGE_SIZE) / 4;
      if (isZero(words, from)) this.#hashes.updateZero(page);
      else this.#hashes.update(words, page, i);
    }
    first.next = end;
    if (end < numbers.length) return;
    for (const page of zeros) this.#hashes.updateZero(page);
    this.#restored.shift();
  }

  /** The machine's memory at this moment. */
  at(memory: GuestMemory): PageSource {
    const bytes = memory.bytes();
    return {
      takeChanged: () => this.#changed(memory, bytes),
      page: (number) => (memory.isZero(number) ? null : bytes.subarray(number * PAGE_SIZE, (number + 1) * PAGE_SIZE)),
    };
  }

  #changed(memory: GuestMemory, bytes: Uint8Array): number[] {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
    const changed: number[] = [];
    for (let page = 0; page < memory.pages; page++) {
      if (memory.isZero(page) ? this.#hashes.updateZero(page) : this.#hashes.update(words, page)) changed.push(page);
    }
    return changed;
  }
}

function isZero(words: Int32Array, from: number): boolean {
  for (let i = from; i < from + PAGE_SIZE / 4; i++) if (words[i] !== 0) return false;
  return true;
}
