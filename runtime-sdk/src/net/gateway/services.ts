import { BROADCAST_IP, type Ipv4 } from "../packet/addresses.ts";
import type { UdpDatagram } from "../packet/udp.ts";
import type { RelayLink } from "../relay/relay-link.ts";
import { RelayResolver } from "../relay/resolver.ts";
import type { WispConnection } from "../relay/wisp-connection.ts";
import { answerDhcp, DHCP_CLIENT_PORT, DHCP_SERVER_PORT, type Lease } from "../services/dhcp.ts";
import { DNS_PORT, DnsServer } from "../services/dns-server.ts";
import type { NameTable } from "../services/name-table.ts";
import { answerNtp, NTP_PORT } from "../services/ntp.ts";
import type { Connection } from "../tcp/connection.ts";
import { GATEWAY_IP } from "./addressing.ts";
import { DnsPeer } from "./dns-peer.ts";

/** How long a question waits for a relay that is being connected to. glibc asks again after 5 s. */
const CONNECTING_MS = 4000;

/** Calls `use` with what the guest is to have, when it is known; `null`: there is no address left. */
type WhenLeased = (use: (lease: Lease | null) => void) => void;
type Send = (route: { readonly source: Ipv4; readonly destination: Ipv4 }, datagram: UdpDatagram) => void;

/** What the gateway answers itself: DHCP, DNS and NTP. */
export class Services {
  readonly #link: RelayLink;
  readonly #send: Send;
  readonly #whenLeased: WhenLeased;
  readonly #dns: DnsServer;
  #resolver: { readonly of: WispConnection; readonly resolver: RelayResolver } | null = null;

  constructor(link: RelayLink, names: NameTable, send: Send, whenLeased: WhenLeased) {
    this.#link = link;
    this.#send = send;
    this.#whenLeased = whenLeased;
    this.#dns = new DnsServer(
      names,
      {
        ready: async () => {
          await link.settled(CONNECTING_MS);
          const abilities = link.connection?.abilities;
          if (!abilities) return "off";
          return abilities.resolver ? "resolver" : "none";
        },
        resolve: (message) => this.#resolve(message),
      },
      GATEWAY_IP,
    );
  }

  /** Another relay may know other names. */
  relayChanged(): void {
    this.#dns.forget();
  }

  /** Takes a datagram; `false`: it is not for any of these. */
  receive(source: Ipv4, destination: Ipv4, datagram: UdpDatagram): boolean {
    const isGateway = destination === GATEWAY_IP;
    switch (datagram.destinationPort) {
      case DHCP_SERVER_PORT:
        if (isGateway || destination === BROADCAST_IP) this.#answerDhcp(datagram);
        return isGateway || destination === BROADCAST_IP;
      case DNS_PORT:
        if (isGateway) void this.#answerDns(source, datagram);
        return isGateway;
      case NTP_PORT: {
        // WHY for any address: there is no other way to the time where the relay carries no UDP.
        const payload = answerNtp(datagram.payload, Date.now());
        if (payload) this.#reply(destination, source, datagram, payload);
        return payload !== null;
      }
      default:
        return false;
    }
  }

  /** The DNS server as the other side of a connection. */
  openDns(connection: () => Connection, flush: () => void): DnsPeer {
    queueMicrotask(() => {
      connection().accept();
      flush();
    });
    return new DnsPeer(this.#dns, connection, flush);
  }

  #answerDhcp({ payload }: UdpDatagram): void {
    this.#whenLeased((lease) => {
      const reply = lease && answerDhcp(payload, lease);
      if (!reply) return;
      this.#send(
        { source: GATEWAY_IP, destination: reply.destination },
        { sourcePort: DHCP_SERVER_PORT, destinationPort: DHCP_CLIENT_PORT, payload: reply.payload },
      );
    });
  }

  async #answerDns(source: Ipv4, datagram: UdpDatagram): Promise<void> {
    const payload = await this.#dns.answerDatagram(datagram.payload);
    if (payload) this.#reply(GATEWAY_IP, source, datagram, payload);
  }

  #reply(source: Ipv4, destination: Ipv4, { sourcePort, destinationPort }: UdpDatagram, payload: Uint8Array): void {
    this.#send({ source, destination }, { sourcePort: destinationPort, destinationPort: sourcePort, payload });
  }

  #resolve(message: Uint8Array): Promise<Uint8Array> {
    const { connection } = this.#link;
    if (!connection) return Promise.reject(new Error("there is no relay"));
    if (this.#resolver?.of !== connection) this.#resolver = { of: connection, resolver: new RelayResolver(connection) };
    return this.#resolver.resolver.resolve(message);
  }
}
