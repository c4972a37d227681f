/** A gateway with a guest of which each packet is written by hand, and a relay that the test plays. For tests. */
import { TestChannels } from "../lan/test-channel.ts";
import { type Ipv4, type Mac, parseIpv4 } from "../packet/addresses.ts";
import { ARP, type ArpMessage, arpPacket, readArp } from "../packet/arp.ts";
import { type Ipv4Header, PROTOCOL, readIpv4 } from "../packet/ipv4.ts";
import { ETHERTYPE, type Packet, readEthernet } from "../packet/packet.ts";
import { FLAG, finishSegment, readSegment, type Segment, segmentPacket, synPacket } from "../packet/tcp-segment.ts";
import { readUdp, type UdpDatagram, udpPacket } from "../packet/udp.ts";
import { TestSocket } from "../relay/test-socket.ts";
import { encodeContinue } from "../wisp/index.ts";
import { GATEWAY_IP, GATEWAY_MAC } from "./addressing.ts";
import { Gateway } from "./gateway.ts";
import type { FromGateway } from "./messages.ts";

export const GUEST_IP = ip("10.0.2.15");
export const GUEST_MAC = Uint8Array.of(0x52, 0x54, 0, 1, 2, 3);

export function ip(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === null) throw new Error(`${text} is no address`);
  return address;
}

export class TestGateway {
  readonly gateway: Gateway;
  readonly posted: FromGateway[] = [];
  readonly sockets: TestSocket[] = [];
  /** What came over the guest's card. */
  readonly packets: Packet[] = [];
  room = true;

  constructor(channels = new TestChannels()) {
    this.gateway = new Gateway({
      post: (message) => this.posted.push(message),
      openSocket: () => {
        const socket = new TestSocket();
        this.sockets.push(socket);
        return socket;
      },
      openChannel: channels.open,
    });
    this.gateway.attach({
      offload: { checksum: false, segmentation: false },
      hasRoom: () => this.room,
      send: (packet) => this.packets.push(packet),
      onRoom: () => {},
    });
  }

  /** A relay of version 1 that is there at once. */
  connectRelay(): TestSocket {
    this.gateway.receive({ type: "relay", relay: { url: "ws://127.0.0.1:1/wisp/", allowPlain: false } });
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("the relay was not connected to");
    socket.receive(encodeContinue(0, 100));
    return socket;
  }

  send(packet: Packet): void {
    this.gateway.receivePacket(packet);
    this.gateway.flush();
  }

  sendUdp(destination: Ipv4, datagram: UdpDatagram, destinationMac: Mac = GATEWAY_MAC): void {
    this.send(udpPacket({ ...this.#route(destination), destinationMac }, datagram));
  }

  sendTcp(
    destination: Ipv4,
    segment: Pick<Segment, "sourcePort" | "destinationPort" | "flags"> & Partial<Segment>,
  ): void {
    const header = { sequence: 1000, acknowledgment: 0, window: 0xffff, ...segment };
    const route = this.#route(destination);
    const isSyn = (segment.flags & FLAG.SYN) !== 0;
    this.send(
      isSyn
        ? synPacket(route, header, 1460, null)
        : finishSegment(segmentPacket(route, header, 0), route, 0, { checksum: false, segmentation: false }),
    );
  }

  /** Answers the gateway's question who has the guest's address. */
  answerArp(): void {
    const answer = { operation: ARP.REPLY, senderMac: GUEST_MAC, senderIp: GUEST_IP };
    this.send(arpPacket(GATEWAY_MAC, { ...answer, targetMac: GATEWAY_MAC, targetIp: GATEWAY_IP }));
  }

  takeArp(): ArpMessage[] {
    return this.#take(ETHERTYPE.ARP).flatMap((packet) => readArp(packet) ?? []);
  }

  takeTcp(): Segment[] {
    return this.#takeIp(PROTOCOL.TCP, readSegment);
  }

  takeUdp(): UdpDatagram[] {
    return this.#takeIp(PROTOCOL.UDP, readUdp);
  }

  /** Types and codes, as `3.1`. */
  takeIcmp(): string[] {
    return this.#takeIp(PROTOCOL.ICMP, (packet, { payloadAt }) => `${packet[payloadAt]}.${packet[payloadAt + 1]}`);
  }

  #takeIp<T>(protocol: number, read: (packet: Packet, header: Ipv4Header) => T | null): T[] {
    const isThat = (packet: Packet) => readIpv4(packet)?.protocol === protocol;
    return this.#take(ETHERTYPE.IPV4, isThat).flatMap((packet) => read(packet, readIpv4(packet) as Ipv4Header) ?? []);
  }

  #take(type: number, also: (packet: Packet) => boolean = () => true): Packet[] {
    const taken = this.packets.filter((packet) => readEthernet(packet)?.type === type && also(packet));
    for (const packet of taken) this.packets.splice(this.packets.indexOf(packet), 1);
    return taken;
  }

  #route(destination: Ipv4) {
    return { sourceMac: GUEST_MAC, destinationMac: GATEWAY_MAC, source: GUEST_IP, destination };
  }
}
