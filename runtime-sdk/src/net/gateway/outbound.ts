import { formatIpv4, type Ipv4 } from "../packet/addresses.ts";
import { UNREACHABLE_CODE } from "../packet/icmp.ts";
import type { Ipv4Header } from "../packet/ipv4.ts";
import type { Packet } from "../packet/packet.ts";
import type { UdpDatagram } from "../packet/udp.ts";
import type { RelayLink } from "../relay/relay-link.ts";
import { isSynthetic, type NameTable } from "../services/name-table.ts";
import type { Connecting } from "../tcp/connections.ts";
import type { Peer } from "../tcp/peer.ts";
import { CLOSE_REASON } from "../wisp/index.ts";
import type { BlockedConnection, ConnectionInfo, FromGateway } from "./messages.ts";
import { RelayPeer } from "./relay-peer.ts";
import { type UdpEnds, UdpFlows } from "./udp-flows.ts";

export interface OutboundHost {
  readonly link: RelayLink;
  readonly names: NameTable;
  post(message: FromGateway): void;
  flush(): void;
  unreachable(header: Ipv4Header, packet: Packet, code: number): void;
  sendUdp(ends: UdpEnds, payload: Uint8Array): void;
}

/** What the guest sends to the outside. */
export class Outbound {
  readonly #host: OutboundHost;
  readonly #udp: UdpFlows;
  readonly #peers = new Map<RelayPeer, Ipv4>();

  constructor(host: OutboundHost) {
    this.#host = host;
    this.#udp = new UdpFlows(
      host.link,
      (ends, payload) => host.sendUdp(ends, payload),
      (name, port, reason) => this.#refused(name, port, reason),
    );
  }

  get infos(): ConnectionInfo[] {
    return [...this.#peers.keys()].map(({ info }) => info);
  }

  /** Whether a connection or a flow goes to an address. */
  uses(address: Ipv4): boolean {
    for (const used of this.#peers.values()) if (used === address) return true;
    return this.#udp.uses(address);
  }

  /** The other side of a connection that the guest opens. */
  open({ remote, ends, header, packet, connection }: Connecting): Peer | null {
    const host = this.#hostOf(remote);
    if (host === null) {
      // A name that was forgotten: nobody knows who was meant.
      this.#host.unreachable(header, packet, UNREACHABLE_CODE.HOST);
      return null;
    }
    const peer: RelayPeer = new RelayPeer(
      {
        link: this.#host.link,
        connection,
        refuse: (code) => {
          this.#host.unreachable(header, packet, code);
          connection().forget();
        },
        refused: (reason) => this.#refused(host, ends.remote, reason),
        flush: () => this.#host.flush(),
        over: () => this.#peers.delete(peer),
      },
      host,
      ends.remote,
    );
    this.#peers.set(peer, remote);
    // The connection is there when this has returned.
    queueMicrotask(() => void peer.open());
    return peer;
  }

  sendUdp(packet: Packet, header: Ipv4Header, datagram: UdpDatagram): void {
    const { source, destination } = header;
    const host = this.#hostOf(destination);
    // It may be on its way: who has got no answer asks again.
    if (this.#host.link.state.state === "connecting") return;
    if (host === null || !this.#host.link.connection) {
      this.#host.unreachable(header, packet, host === null ? UNREACHABLE_CODE.HOST : UNREACHABLE_CODE.NET);
      return;
    }
    if (!this.#udp.isPossible) {
      this.#host.unreachable(header, packet, UNREACHABLE_CODE.PROHIBITED);
      this.#blocked(host, datagram.destinationPort, "no-udp");
      return;
    }
    const ports = { guestPort: datagram.sourcePort, remotePort: datagram.destinationPort };
    this.#udp.send({ guest: source, remote: destination, ...ports }, host, datagram);
  }

  /** A stream was given up, since nobody took its bytes. */
  overrun(): void {
    this.#blocked("", 0, "overrun");
  }

  close(): void {
    this.#udp.close();
    this.#peers.clear();
  }

  /** What the relay is told to connect to; `null`: nobody knows. */
  #hostOf(address: Ipv4): string | null {
    return isSynthetic(address) ? this.#host.names.nameOf(address) : formatIpv4(address);
  }

  /** The relay has ended a stream, for this reason of its own. */
  #refused(host: string, port: number, reason: number): void {
    if (reason === CLOSE_REASON.BLOCKED) this.#blocked(host, port, "policy");
    if (reason === CLOSE_REASON.THROTTLED) this.#blocked(host, port, "limit");
  }

  #blocked(host: string, port: number, reason: BlockedConnection["reason"]): void {
    this.#host.post({ type: "blocked", blocked: { host, port, reason } });
  }
}
