import { formatMac, type Ipv4 } from "../packet/addresses.ts";
import type { Packet } from "../packet/packet.ts";
import { LanAddress } from "./lan-address.ts";
import { isGroup, LAN_SIZE, lanPacket } from "./lan-frame.ts";
import { type LanMessage, type PeerId, randomId, readLanMessage, writeLanMessage } from "./lan-message.ts";

/** What connects machines of one site: a BroadcastChannel, in browsers and in Node. */
export interface LanChannel {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export type OpenChannel = (name: string) => LanChannel;

export interface LanHost {
  /** A packet for the guest's card. */
  deliver(packet: Packet): void;
  /** The guest's address on the LAN; `null`: there is none left. */
  addressed(address: Ipv4 | null): void;
}

/** How often a machine says that it is there, and when one that does not is taken for gone. */
const HERE_MS = 10_000;
const GONE_MS = 35_000;
const MAX_MACS = 1024;
/** Those who wait for the address. */
const MAX_WAITING = 16;

interface Peer {
  address: Ipv4 | null;
  heardAt: number;
}

/** A LAN that machines of one site share: a switch of which each gateway has a part. Nothing of it reaches a gateway's own network. */
export class Lan {
  readonly #host: LanHost;
  readonly #channel: LanChannel;
  readonly #id = randomId();
  readonly #peers = new Map<PeerId, Peer>();
  /** Behind which peer a hardware address is. */
  readonly #macs = new Map<string, PeerId>();
  readonly #address: LanAddress;
  readonly #timer: ReturnType<typeof setInterval>;
  #waiting: ((address: Ipv4 | null) => void)[] = [];

  /** @param wanted The address that the guest is to have, if it is free. */
  constructor(host: LanHost, name: string, wanted: Ipv4, open: OpenChannel = openChannel) {
    this.#host = host;
    this.#channel = open(`warmboot-lan:${name}`);
    this.#channel.onmessage = ({ data }) => this.#receive(data);
    this.#address = new LanAddress({
      id: this.#id,
      post: (message) => this.#post(message),
      isTaken: (address) => [...this.#peers.values()].some((peer) => peer.address === address),
      settled: (address) => {
        host.addressed(address);
        for (const waiting of this.#waiting.splice(0)) waiting(address);
      },
    });
    this.#address.claim(wanted);
    this.#timer = setInterval(() => {
      this.#address.announce();
      this.#expire();
    }, HERE_MS);
  }

  /** The guest's address on the LAN, when it is known. */
  get address(): Ipv4 | null {
    return this.#address.address;
  }

  /** Calls `use` with the guest's address when it is known; `null`: there is none left. */
  whenAddressed(use: (address: Ipv4 | null) => void): void {
    if (this.#address.isSettled) use(this.#address.address);
    else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(use);
  }

  /** A packet of the guest: it goes to whom it is for, if that is one of the LAN. */
  send(packet: Packet): void {
    const fit = lanPacket(packet.slice());
    if (!fit || this.#peers.size === 0) return;
    const to = isGroup(fit.ethernet.destination) ? null : this.#macs.get(formatMac(fit.ethernet.destination));
    if (to !== undefined) this.#post({ type: "packet", from: this.#id, to, packet: fit.packet });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#address.close();
    this.#waiting = [];
    this.#channel.onmessage = null;
    this.#channel.close();
  }

  #receive(data: unknown): void {
    const message = readLanMessage(data);
    if (!message || message.from === this.#id) return;
    const isNew = !this.#peers.has(message.from);
    const peer = this.#peerOf(message.from);
    if (!peer) return;
    if (message.type === "packet") {
      if (message.to === null || message.to === this.#id) this.#deliver(message.from, message.packet);
      return;
    }
    if (message.type === "here") peer.address = message.address;
    // It has not heard of us yet.
    else if (isNew) this.#address.announce();
    this.#address.heard(message);
  }

  #peerOf(id: PeerId): Peer | null {
    const known = this.#peers.get(id);
    if (!known && this.#peers.size >= LAN_SIZE) return null;
    const peer = known ?? { address: null, heardAt: 0 };
    peer.heardAt = performance.now();
    this.#peers.set(id, peer);
    return peer;
  }

  #deliver(from: PeerId, packet: Packet): void {
    const fit = lanPacket(packet);
    if (!fit) return;
    const mac = formatMac(fit.ethernet.source);
    if (this.#macs.size >= MAX_MACS && !this.#macs.has(mac)) return;
    this.#macs.set(mac, from);
    this.#host.deliver(fit.packet);
  }

  #post(message: LanMessage): void {
    this.#channel.postMessage(writeLanMessage(message));
  }

  /** WHY: packets for a machine that takes none any more, as in a tab that is frozen, would be kept for it. */
  #expire(): void {
    const limit = performance.now() - GONE_MS;
    for (const [id, { heardAt }] of this.#peers) {
      if (heardAt > limit) continue;
      this.#peers.delete(id);
      for (const [mac, owner] of this.#macs) if (owner === id) this.#macs.delete(mac);
    }
  }
}

const openChannel: OpenChannel = (name) => new BroadcastChannel(name) as LanChannel;
