import type { Ipv4 } from "../packet/addresses.ts";
import { LAN_SIZE, lanAddress } from "./lan-frame.ts";
import type { LanMessage, PeerId } from "./lan-message.ts";

/** How long somebody who has the address may take to say so. */
const OBJECTION_MS = 300;

/** What is needed to get an address. */
export interface LanAddressHost {
  readonly id: PeerId;
  post(message: LanMessage): void;
  /** Whether somebody is known to have it. */
  isTaken(address: Ipv4): boolean;
  /** It is ours; `null`: there is none left. */
  settled(address: Ipv4 | null): void;
}

/** Gets an address that no other machine of the LAN has, as RFC 5227 does it; of two that want the same, the lesser id gets it. */
export class LanAddress {
  readonly #host: LanAddressHost;
  #address: Ipv4 | null = null;
  #isSettled = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(host: LanAddressHost) {
    this.#host = host;
  }

  /** Ours; `null`: it is not known yet, or there is none left. */
  get address(): Ipv4 | null {
    return this.#isSettled ? this.#address : null;
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Wants an address; this one if it is free. */
  claim(wanted: Ipv4): void {
    this.#isSettled = false;
    this.#address = wanted;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#isSettled = true;
      this.#post("here");
      this.#host.settled(this.#address);
    }, OBJECTION_MS);
    this.#post("claim");
  }

  /** Says that it is ours. */
  announce(): void {
    if (this.#isSettled) this.#post("here");
  }

  /** Somebody wants an address, or has it. */
  heard({ from, type, address }: Extract<LanMessage, { readonly type: "claim" | "here" }>): void {
    if (address !== this.#address) return;
    // WHY also who has it may lose it: both may have got it while one of them could not hear the other.
    const isTheirs = type === "here" && !this.#isSettled;
    const isOurs = type === "claim" && this.#isSettled;
    if (isOurs || (!isTheirs && this.#host.id < from)) this.#post(this.#isSettled ? "here" : "claim");
    else this.#claimAnother();
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #claimAnother(): void {
    const start = (crypto.getRandomValues(new Uint16Array(1))[0] as number) % LAN_SIZE;
    for (let i = 0; i < LAN_SIZE; i++) {
      const address = lanAddress((start + i) % LAN_SIZE);
      if (address === this.#address || this.#host.isTaken(address)) continue;
      this.claim(address);
      return;
    }
    this.close();
    this.#address = null;
    this.#isSettled = true;
    this.#host.settled(null);
  }

  #post(type: "claim" | "here"): void {
    if (this.#address !== null) this.#host.post({ type, from: this.#host.id, address: this.#address });
  }
}
