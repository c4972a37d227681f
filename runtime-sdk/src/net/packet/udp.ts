/** UDP (RFC 768). */
import { checksum, fold, sumPseudoHeader, sumWords } from "./checksum.ts";
import { type Ipv4Header, ipv4Packet, PROTOCOL, type Route } from "./ipv4.ts";
import { getU16, IP_PAYLOAD_AT, type Packet, setU16 } from "./packet.ts";

const HEADER = 8;
/** The most payload of one packet: the length of an IPv4 packet is 16 bits. */
export const MAX_UDP_PAYLOAD = 65535 - 20 - HEADER;

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** `null` for what is not UDP. WHY no checksum is looked at: the guest leaves it to its card, and the way to us is memory. */
export function readUdp(packet: Packet, { payloadAt, end }: Ipv4Header): UdpDatagram | null {
  if (end - payloadAt < HEADER) return null;
  const length = getU16(packet, payloadAt + 4);
  if (length < HEADER || length > end - payloadAt) return null;
  return {
    sourcePort: getU16(packet, payloadAt),
    destinationPort: getU16(packet, payloadAt + 2),
    payload: packet.subarray(payloadAt + HEADER, payloadAt + length),
  };
}

export function udpPacket(route: Route, { sourcePort, destinationPort, payload }: UdpDatagram): Packet {
  const length = HEADER + payload.byteLength;
  const packet = ipv4Packet(route, PROTOCOL.UDP, length);
  const at = IP_PAYLOAD_AT;
  setU16(packet, at, sourcePort);
  setU16(packet, at + 2, destinationPort);
  setU16(packet, at + 4, length);
  packet.set(payload, at + HEADER);
  const pseudo = sumPseudoHeader(route.source, route.destination, PROTOCOL.UDP, length);
  // 0 would mean that there is none.
  setU16(packet, at + 6, checksum(fold(sumWords(packet, at, at + length, pseudo))) || 0xffff);
  return packet;
}
