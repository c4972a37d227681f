import { BROADCAST_MAC, type Ipv4, type Mac } from "../packet/addresses.ts";

const MAX = 256;

/** Which hardware address belongs to which address of the guest, as its own packets say. */
export class Neighbours {
  readonly #macs = new Map<Ipv4, Mac>();

  note(address: Ipv4, mac: Mac): void {
    const known = this.#macs.get(address);
    if (known) {
      known.set(mac);
      return;
    }
    if (address === 0) return;
    const [oldest] = this.#macs.keys();
    if (this.#macs.size >= MAX && oldest !== undefined) this.#macs.delete(oldest);
    this.#macs.set(address, mac.slice());
  }

  /** All of them, until it is known which. */
  of(address: Ipv4): Mac {
    return this.#macs.get(address) ?? BROADCAST_MAC;
  }

  has(address: Ipv4): boolean {
    return this.#macs.has(address);
  }
}
