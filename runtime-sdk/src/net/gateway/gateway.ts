import type { OpenChannel } from "../lan/lan.ts";
import { isGroup } from "../lan/lan-frame.ts";
import { BROADCAST_MAC, type Ipv4, sameMac } from "../packet/addresses.ts";
import { ARP, arpPacket, readArp } from "../packet/arp.ts";
import { echoReply, isEcho, isIcmpError, quoteOf, UNREACHABLE_CODE, unreachable } from "../packet/icmp.ts";
import { type Ipv4Header, PROTOCOL, type Route, readIpv4 } from "../packet/ipv4.ts";
import { ETHERTYPE, type Packet, readEthernet } from "../packet/packet.ts";
import type { Offload } from "../packet/tcp-segment.ts";
import { readUdp, udpPacket } from "../packet/udp.ts";
import { readRelayAddress } from "../relay/relay-address.ts";
import { RelayLink } from "../relay/relay-link.ts";
import type { OpenSocket } from "../relay/socket.ts";
import { DHCP_SERVER_PORT } from "../services/dhcp.ts";
import { NameTable } from "../services/name-table.ts";
import { type Connecting, Connections } from "../tcp/connections.ts";
import { GATEWAY_IP, GATEWAY_MAC, isHost, MAX_MTU, MTU, USUAL_GUEST_IP } from "./addressing.ts";
import { Captures } from "./captures.ts";
import { Credentials } from "./credentials.ts";
import { GoneConnections } from "./gone-connections.ts";
import { GuestSearch } from "./guest-search.ts";
import { LanSide } from "./lan-side.ts";
import type { FromGateway, ToGateway } from "./messages.ts";
import { Neighbours } from "./neighbours.ts";
import { Outbound } from "./outbound.ts";
import { decodeSavedNetwork, encodeSavedNetwork } from "./saved-network.ts";
import { Services } from "./services.ts";
import { SessionSockets } from "./session-sockets.ts";

/** The guest's network card. */
export interface GuestCard {
  readonly offload: Offload;
  hasRoom(): boolean;
  send(packet: Packet): void;
  onRoom(listener: () => void): void;
}

/** What the gateway needs of the thread it is in. */
export interface GatewayHost {
  post(message: FromGateway, transfer?: ArrayBuffer[]): void;
  readonly openSocket: OpenSocket;
  /** @default a BroadcastChannel */
  readonly openChannel?: OpenChannel;
}

const NO_OFFLOAD: Offload = { checksum: false, segmentation: false };
const IP_HEADER_AND_TCP_HEADER = 40;
/** How often connections look at the clock. */
const TICK_MS = 100;

/** The guest's router: everything that the guest's network card sends comes here. */
export class Gateway {
  readonly maxMtu = MAX_MTU;
  readonly #post: GatewayHost["post"];
  readonly #neighbours = new Neighbours();
  readonly #names: NameTable;
  readonly #link: RelayLink;
  readonly #connections: Connections;
  readonly #sockets: SessionSockets;
  readonly #credentials: Credentials;
  readonly #captures: Captures;
  readonly #services: Services;
  readonly #outbound: Outbound;
  #card: GuestCard | null = null;
  /** By the clock of the machine, which stands still while the machine is paused. */
  #pausedAt: number | null = performance.now();
  #pausedMs = 0;
  readonly #lan: LanSide;
  readonly #guests = new GuestSearch(USUAL_GUEST_IP, (address) => this.#askFor(address));
  readonly #gone = new GoneConnections(
    (guest) => this.#askFor(guest),
    (connection) => this.#connections.resetSaved(connection),
  );

  constructor({ post, openSocket, openChannel }: GatewayHost) {
    this.#post = post;
    this.#credentials = new Credentials(post);
    this.#captures = new Captures(post);
    this.#link = new RelayLink({
      openSocket,
      credentials: (signal) => this.#credentials.ask(signal),
      changed: (state) => {
        this.#services.relayChanged();
        post({ type: "relay-state", state });
      },
      overrun: () => this.#outbound.overrun(),
    });
    this.#connections = new Connections({
      now: () => this.#now(),
      offload: () => this.#card?.offload ?? NO_OFFLOAD,
      mss: MTU - IP_HEADER_AND_TCP_HEADER,
      hasRoom: () => this.#card?.hasRoom() ?? false,
      send: (packet) => this.#send(packet),
      route: (remote, guest) => this.#route(remote, guest),
      open: (connecting) => this.#open(connecting),
      repeat: (tick) => {
        const timer = setInterval(tick, TICK_MS);
        return () => clearInterval(timer);
      },
    });
    this.#names = new NameTable((address) => this.#outbound.uses(address));
    this.#services = new Services(
      this.#link,
      this.#names,
      ({ source, destination }, datagram) => this.#send(udpPacket(this.#route(source, destination), datagram)),
      (use) => this.#lan.whenLeased(use),
    );
    this.#outbound = new Outbound({
      link: this.#link,
      names: this.#names,
      post,
      flush: () => this.#connections.flush(),
      unreachable: (header, packet, code) => this.#sendUnreachable(header, packet, code),
      sendUdp: ({ guest, remote, guestPort, remotePort }, payload) =>
        this.#send(
          udpPacket(this.#route(remote, guest), { sourcePort: remotePort, destinationPort: guestPort, payload }),
        ),
    });
    this.#lan = new LanSide({
      post,
      ...(openChannel && { openChannel }),
      offload: () => this.#card?.offload ?? NO_OFFLOAD,
      send: (packet) => this.#send(packet),
      expect: (guest) => this.#guests.expect(guest),
    });
    this.#sockets = new SessionSockets(this.#connections, post);
  }

  /** The card of the machine that this is the gateway of. */
  attach(card: GuestCard): void {
    this.#card = card;
    card.onRoom(() => this.#connections.flush());
  }

  /** Takes a message of the session. */
  receive(message: ToGateway): void {
    switch (message.type) {
      case "relay":
        this.#link.use(message.relay && readRelayAddress(message.relay.url, message.relay.allowPlain));
        return;
      case "lan":
        this.#lan.join(message.name);
        return;
      case "credentials":
      case "credentials-failed":
        this.#credentials.receive(message);
        return;
      case "connections":
        this.#post({ ...message, connections: [...this.#outbound.infos, ...this.#sockets.infos] });
        return;
      case "capture":
      case "capture-end":
        this.#captures.receive(message);
        return;
      case "connect":
        this.#sockets.wanted(message);
        this.#guests.whenFound((guest) => {
          this.#sockets.connect(message, GATEWAY_IP, guest);
          this.#connections.flush();
        });
        return;
      default:
        this.#sockets.receive(message);
        this.#connections.flush();
    }
  }

  /** Takes a packet of the guest; it is the gateway's own from then on. */
  receivePacket(packet: Packet): void {
    this.#captures.note(packet);
    const ethernet = readEthernet(packet);
    if (!ethernet) return;
    const isOurs = sameMac(ethernet.destination, GATEWAY_MAC);
    const isForAll = isGroup(ethernet.destination);
    if (!isOurs) this.#lan.send(packet);
    if (!isOurs && !isForAll) return;
    if (ethernet.type === ETHERTYPE.ARP) this.#receiveArp(packet);
    if (ethernet.type !== ETHERTYPE.IPV4) return;
    const header = readIpv4(packet);
    if (!header) return;
    if (isOurs) {
      this.#neighbours.note(header.source, ethernet.source);
      this.#guests.note(header.source);
    }
    if (header.protocol === PROTOCOL.UDP) this.#receiveUdp(packet, header, isOurs);
    else if (isOurs) this.#receiveIp(packet, header);
  }

  /** The guest has sent all that it had. */
  flush(): void {
    this.#connections.flush();
  }

  /** The machine stands still, or goes on: time goes on for it only then. */
  pause(paused: boolean): void {
    if (paused) {
      this.#pausedAt ??= performance.now();
      this.#gone.pause();
    } else if (this.#pausedAt !== null) {
      this.#pausedMs += performance.now() - this.#pausedAt;
      this.#pausedAt = null;
      this.#gone.run();
    }
  }

  /** What goes with a saved machine. */
  save(): Uint8Array<ArrayBuffer> {
    const connections = [...this.#connections.saved, ...this.#gone.all];
    return encodeSavedNetwork({ names: this.#names.saved, connections, address: this.#lan.address });
  }

  /** Goes on from there: names stay, connections are gone and the guest is told. */
  restore(bytes: Uint8Array): void {
    const { names, connections, address } = decodeSavedNetwork(bytes);
    this.#names.restore(names);
    this.#gone.restore(connections);
    this.#lan.restore(address);
  }

  close(): void {
    this.#gone.pause();
    this.#lan.close();
    this.#guests.close();
    this.#link.close();
    this.#outbound.close();
    this.#connections.close();
  }

  #now(): number {
    return (this.#pausedAt ?? performance.now()) - this.#pausedMs;
  }

  #send(packet: Packet): void {
    this.#captures.note(packet);
    this.#card?.send(packet);
  }

  #route(source: Ipv4, destination: Ipv4): Route {
    return { source, destination, sourceMac: GATEWAY_MAC, destinationMac: this.#neighbours.of(destination) };
  }

  #receiveArp(packet: Packet): void {
    const message = readArp(packet);
    if (!message) return;
    this.#neighbours.note(message.senderIp, message.senderMac);
    // WHY first: a new connection may have the ports of an old one.
    if (message.operation === ARP.REPLY) this.#gone.heard(message.senderIp);
    this.#guests.note(message.senderIp);
    if (message.operation !== ARP.REQUEST || message.targetIp !== GATEWAY_IP) return;
    this.#send(
      arpPacket(message.senderMac, {
        operation: ARP.REPLY,
        senderMac: GATEWAY_MAC,
        senderIp: GATEWAY_IP,
        targetMac: message.senderMac,
        targetIp: message.senderIp,
      }),
    );
  }

  /** Asks who has an address of the guest. */
  #askFor(guest: Ipv4): void {
    const nobody = { targetMac: new Uint8Array(6), targetIp: guest };
    const question = { operation: ARP.REQUEST, senderMac: GATEWAY_MAC, senderIp: GATEWAY_IP, ...nobody };
    this.#send(arpPacket(BROADCAST_MAC, question));
  }

  #receiveIp(packet: Packet, header: Ipv4Header): void {
    if (header.protocol === PROTOCOL.TCP) {
      this.#connections.receive(packet, header);
      return;
    }
    const { source, destination } = header;
    if (header.protocol === PROTOCOL.ICMP) {
      if (!isEcho(packet, header)) return;
      if (destination === GATEWAY_IP) this.#send(echoReply(this.#route(destination, source), packet, header));
      // WHY: no echo of ours would say anything about who is there.
      else if (isHost(destination)) this.#sendUnreachable(header, packet, UNREACHABLE_CODE.PROHIBITED);
      return;
    }
    this.#sendUnreachable(header, packet, UNREACHABLE_CODE.PROTOCOL);
  }

  #receiveUdp(packet: Packet, header: Ipv4Header, isOurs: boolean): void {
    const datagram = readUdp(packet, header);
    if (!datagram) return;
    const { source, destination } = header;
    // Of what is sent to all only this is for us.
    if (!isOurs && datagram.destinationPort !== DHCP_SERVER_PORT) return;
    if (this.#services.receive(source, destination, datagram) || !isOurs) return;
    if (destination === GATEWAY_IP) this.#sendUnreachable(header, packet, UNREACHABLE_CODE.PORT);
    else if (isHost(destination)) this.#outbound.sendUdp(packet, header, datagram);
  }

  #open(connecting: Connecting) {
    const { remote, ends } = connecting;
    if (remote === GATEWAY_IP) {
      const flush = () => this.#connections.flush();
      return ends.remote === 53 ? this.#services.openDns(connecting.connection, flush) : null;
    }
    return isHost(remote) ? this.#outbound.open(connecting) : null;
  }

  #sendUnreachable(header: Ipv4Header, packet: Packet, code: number): void {
    if (isIcmpError(packet, header)) return;
    this.#send(unreachable(this.#route(GATEWAY_IP, header.source), code, quoteOf(packet, header)));
  }
}
