import type { GuestMemory } from "../machine/index.ts";
import { PAGE_SIZE, PageHashes, type PageSource, type Pages } from "../snapshot/index.ts";
import { PageCopyScanner, PageScanner } from "./page-scanner.ts";

/** Pages that are looked at without a pause: a few ms. */
const AT_ONCE = 512;
/** Until a restored machine has other things to do than to come up. */
const NOTE_AFTER_MS = 1000;
const NOTE_EVERY_MS = 20;

/** The pages of a machine's memory, as the tracker of changes sees them. */
export class MemoryPages {
  readonly #hashes: PageHashes;
  #scanner: PageScanner | null = null;
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
    const scanner = new PageCopyScanner();
    const end = Math.min(first.next + most, numbers.length);
    for (let i = first.next; i < end; i++) {
      const page = numbers[i] ?? 0;
      const hash = scanner.hash(bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE));
      if (hash) this.#hashes.update(page, hash);
      else this.#hashes.updateZero(page);
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
      takeChanged: () => this.#changed(memory),
      page: (number) => (memory.isZero(number) ? null : bytes.subarray(number * PAGE_SIZE, (number + 1) * PAGE_SIZE)),
    };
  }

  #changed({ wasm, pages }: GuestMemory): number[] {
    this.#scanner ??= new PageScanner(wasm.memory);
    const address = (page: number) => wasm.offset + page * PAGE_SIZE;
    const end = address(pages);
    const changed: number[] = [];
    for (let page = 0; page < pages; page++) {
      const used = (this.#scanner.used(address(page), end) - wasm.offset) / PAGE_SIZE;
      for (; page < used; page++) if (this.#hashes.updateZero(page)) changed.push(page);
      if (page < pages && this.#hashes.update(page, this.#scanner.hash(address(page)))) changed.push(page);
    }
    return changed;
  }
}
