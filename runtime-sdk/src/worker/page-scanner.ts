import { PAGE_SIZE } from "../snapshot/index.ts";
import { PAGE_HASH_WASM } from "./page-hash.gen.ts";

interface Exports {
  used(at: number, end: number): number;
  hash(at: number): number;
  readonly high: WebAssembly.Global<"i32">;
}

let module: WebAssembly.Module | null = null;

/** Looks at pages where they are. WHY WebAssembly: while a machine is saved it stands still, and JavaScript that has hardly run yet is slow. */
export class PageScanner {
  readonly #exports: Exports;

  /** `memory`: what addresses are in; it may grow. */
  constructor(memory: WebAssembly.Memory) {
    module ??= new WebAssembly.Module(Uint8Array.from(atob(PAGE_HASH_WASM), (char) => char.charCodeAt(0)));
    this.#exports = new WebAssembly.Instance(module, { host: { memory } }).exports as unknown as Exports;
  }

  /** Address of the first page of those between two addresses that is not all zero; `end` if there is none. */
  used(at: number, end: number): number {
    return this.#exports.used(at, end) >>> 0;
  }

  /** Hash of the page at an address, its two halves one after the other. */
  hash(at: number): readonly [low: number, high: number] {
    return [this.#exports.hash(at), this.#exports.high.value];
  }
}

/** A scanner of bytes that are in no WebAssembly memory. */
export class PageCopyScanner {
  readonly #page: Uint8Array;
  readonly #scanner: PageScanner;

  constructor() {
    const memory = new WebAssembly.Memory({ initial: 1 });
    this.#page = new Uint8Array(memory.buffer, 0, PAGE_SIZE);
    this.#scanner = new PageScanner(memory);
  }

  /** Hash of one page; `null`: it is all zero. */
  hash(page: Uint8Array): readonly [low: number, high: number] | null {
    this.#page.set(page);
    return this.#scanner.used(0, PAGE_SIZE) === 0 ? this.#scanner.hash(0) : null;
  }
}
