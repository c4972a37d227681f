import type { Ipv4 } from "../packet/addresses.ts";

/** 198.18.0.0/15 (RFC 2544): addresses that are nobody's in the internet. */
const FIRST: Ipv4 = 0xc6120000;
const COUNT = 2 ** 17;
const MAX_NAMES = 8192;

/** Whether an address stands for a name. */
export function isSynthetic(address: Ipv4): boolean {
  return address >= FIRST && address < FIRST + COUNT;
}

/**
 * Gives each name an address, and knows the name of each. The same name gets the same address nearly always, since where it is looked for comes
 * from the name.
 */
export class NameTable {
  /** By address, the one that was not asked for or used for longest first. */
  readonly #names = new Map<Ipv4, string>();
  readonly #addresses = new Map<string, Ipv4>();
  readonly #isUsed: (address: Ipv4) => boolean;

  /** @param isUsed Whether a connection has this address: its name is kept. */
  constructor(isUsed: (address: Ipv4) => boolean) {
    this.#isUsed = isUsed;
  }

  get size(): number {
    return this.#names.size;
  }

  /** The address of a name; `null` when all are in use. */
  addressOf(name: string): Ipv4 | null {
    const known = this.#addresses.get(name);
    if (known !== undefined) {
      this.#touch(known, name);
      return known;
    }
    if (this.#names.size >= MAX_NAMES && !this.#forgetOne()) return null;
    // The first and the last of the block are left out: they look like a network's own.
    let index = hash(name) % COUNT;
    while (index === 0 || index === COUNT - 1 || this.#names.has(FIRST + index)) index = (index + 1) % COUNT;
    this.#touch(FIRST + index, name);
    return FIRST + index;
  }

  /** The name that an address stands for; `null`: none that is known any more. */
  nameOf(address: Ipv4): string | null {
    const name = this.#names.get(address);
    if (name === undefined) return null;
    this.#touch(address, name);
    return name;
  }

  /** For a saved machine. */
  get saved(): [Ipv4, string][] {
    return [...this.#names];
  }

  /** Takes what a saved machine had; anything else in it is left out. */
  restore(saved: readonly unknown[]): void {
    for (const entry of saved.slice(-MAX_NAMES)) {
      if (!Array.isArray(entry)) continue;
      const [address, name] = entry;
      const isEntry = Number.isInteger(address) && isSynthetic(address) && typeof name === "string";
      if (isEntry && /^[a-z0-9._-]{1,253}$/.test(name) && !this.#addresses.has(name) && !this.#names.has(address))
        this.#touch(address, name);
    }
  }

  #touch(address: Ipv4, name: string): void {
    this.#names.delete(address);
    this.#names.set(address, name);
    this.#addresses.set(name, address);
  }

  #forgetOne(): boolean {
    for (const [address, name] of this.#names) {
      if (this.#isUsed(address)) continue;
      this.#names.delete(address);
      this.#addresses.delete(name);
      return true;
    }
    return false;
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}
