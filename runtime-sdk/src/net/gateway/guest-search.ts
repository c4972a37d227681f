import type { Ipv4 } from "../packet/addresses.ts";

/** How often the guest is asked for, and with what pauses. */
const TRIES = 20;
const PAUSE_MS = 250;

type Found = (guest: Ipv4 | null) => void;

/** Finds the guest's address, for those who want to connect to it. */
export class GuestSearch {
  #usual: Ipv4;
  readonly #ask: (address: Ipv4) => void;
  #guest: Ipv4 | null = null;
  #waiting: Found[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @param ask Has the guest answer, if it has this address. */
  constructor(usual: Ipv4, ask: (address: Ipv4) => void) {
    this.#usual = usual;
    this.#ask = ask;
  }

  /** The guest is to have this address from now on. */
  expect(address: Ipv4): void {
    this.#usual = address;
    this.#guest = null;
  }

  /** The guest has this address, as a packet of it says. */
  note(address: Ipv4): void {
    if (address === 0 || (this.#guest !== null && address !== this.#usual)) return;
    this.#guest = address;
    this.#settle();
  }

  /** Calls `found` with the guest's address, or with `null` when it does not answer. */
  whenFound(found: Found): void {
    if (this.#guest !== null) {
      found(this.#guest);
      return;
    }
    this.#waiting.push(found);
    if (this.#timer === null) this.#search(TRIES);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #search(tries: number): void {
    if (tries === 0) {
      this.#settle();
      return;
    }
    this.#ask(this.#usual);
    this.#timer = setTimeout(() => this.#search(tries - 1), PAUSE_MS);
  }

  #settle(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (const found of this.#waiting.splice(0)) found(this.#guest);
  }
}
