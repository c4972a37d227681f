import type { GuestMemory } from "../machine/index.ts";
import { PAGE_SIZE, PageHashes, type PageSource, type Pages } from "../snapshot/index.ts";

/** The pages of a machine's memory, as the tracker of changes sees them. */
export class MemoryPages {
  readonly #hashes: PageHashes;

  constructor(pages: number) {
    this.#hashes = new PageHashes(pages);
  }

  /** Puts pages into the memory of a machine that is being restored. */
  fill(memory: Uint8Array, { numbers, zeros, bytes }: Pages): void {
    for (const [i, number] of numbers.entries())
      memory.set(bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE), number * PAGE_SIZE);
    for (const number of zeros) memory.fill(0, number * PAGE_SIZE, (number + 1) * PAGE_SIZE);
  }

  /** Looks at these pages, so that they count as unchanged. */
  note(memory: Uint8Array, numbers: Iterable<number>): void {
    const words = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
    for (const number of numbers) {
      const page = words.subarray((number * PAGE_SIZE) / 4, ((number + 1) * PAGE_SIZE) / 4);
      if (page.every((word) => word === 0)) this.#hashes.updateZero(number);
      else this.#hashes.update(words, number);
    }
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
