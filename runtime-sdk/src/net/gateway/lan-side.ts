import { Lan, type OpenChannel } from "../lan/lan.ts";
import { formatIpv4, type Ipv4 } from "../packet/addresses.ts";
import { completeChecksum, readCardHeader } from "../packet/card-header.ts";
import { ETHERNET_AT, type Packet } from "../packet/packet.ts";
import type { Offload } from "../packet/tcp-segment.ts";
import type { Lease } from "../services/dhcp.ts";
import { leaseOf, USUAL_GUEST_IP } from "./addressing.ts";
import type { FromGateway } from "./messages.ts";

export interface LanSideHost {
  readonly openChannel?: OpenChannel;
  post(message: FromGateway): void;
  offload(): Offload;
  send(packet: Packet): void;
  /** The guest is to have this address from now on. */
  expect(guest: Ipv4): void;
}

/** The way from the guest's card to its LAN, if it is to have one, and the guest's address there. */
export class LanSide {
  readonly #host: LanSideHost;
  #lan: Lan | null = null;
  #wanted = USUAL_GUEST_IP;

  constructor(host: LanSideHost) {
    this.#host = host;
  }

  /** The guest's address on its LAN; `null`: it is on none, or it is not known yet. */
  get address(): Ipv4 | null {
    return this.#lan?.address ?? null;
  }

  /** The address that it had when it was saved. */
  restore(address: Ipv4 | null): void {
    this.#wanted = address ?? USUAL_GUEST_IP;
  }

  /** Takes part in a LAN, once and for all. */
  join(name: string): void {
    const addressed = (address: Ipv4 | null) => {
      if (address !== null) this.#host.expect(address);
      this.#host.post({ type: "lan-address", address: address === null ? null : formatIpv4(address) });
    };
    const host = { deliver: (packet: Packet) => this.#deliver(packet), addressed };
    this.#lan ??= new Lan(host, name, this.#wanted, this.#host.openChannel);
  }

  /** Calls `use` with what the guest is to have, when it is known; `null`: there is no address left. */
  whenLeased(use: (lease: Lease | null) => void): void {
    if (this.#lan) this.#lan.whenAddressed((address) => use(address === null ? null : leaseOf(address, true)));
    else use(leaseOf(USUAL_GUEST_IP, false));
  }

  /** A packet of the guest that is not for the gateway alone. */
  send(packet: Packet): void {
    this.#lan?.send(packet);
  }

  close(): void {
    this.#lan?.close();
  }

  /** A packet of another machine, as the guest's card takes it. */
  #deliver(packet: Packet): void {
    const { checksum, segmentation } = this.#host.offload();
    if (readCardHeader(packet).segment > 0 && !segmentation) return;
    const whole = checksum ? packet : completeChecksum(packet);
    if (!checksum) whole.fill(0, 0, ETHERNET_AT);
    this.#host.send(whole);
  }
}
