/** IPv4 (RFC 791). */
import type { Ipv4, Mac } from "./addresses.ts";
import { checksum, sumWords } from "./checksum.ts";
import { ETHERTYPE, getU16, getU32, IP_AT, newPacket, type Packet, setU16, setU32 } from "./packet.ts";

export const PROTOCOL = { ICMP: 1, TCP: 6, UDP: 17 } as const;

const MIN_HEADER = 20;
const TTL = 64;
const DONT_FRAGMENT = 0x4000;
const MORE_FRAGMENTS = 0x2000;
const FRAGMENT_OFFSET = 0x1fff;

export interface Ipv4Header {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly protocol: number;
  /** Where the payload begins and ends in the packet. */
  readonly payloadAt: number;
  readonly end: number;
}

/**
 * `null` for what is not a whole IPv4 packet. WHY fragments are none: the guest's card takes TCP of any length, and what else is longer than a
 * frame is not for us.
 */
export function readIpv4(packet: Packet): Ipv4Header | null {
  if (packet.byteLength < IP_AT + MIN_HEADER) return null;
  const first = packet[IP_AT] as number;
  const size = (first & 15) * 4;
  const total = getU16(packet, IP_AT + 2);
  if (first >> 4 !== 4 || size < MIN_HEADER || total < size || packet.byteLength < IP_AT + total) return null;
  if (getU16(packet, IP_AT + 6) & (MORE_FRAGMENTS | FRAGMENT_OFFSET)) return null;
  if (checksum(sumWords(packet, IP_AT, IP_AT + size)) !== 0) return null;
  return {
    source: getU32(packet, IP_AT + 12),
    destination: getU32(packet, IP_AT + 16),
    protocol: packet[IP_AT + 9] as number,
    payloadAt: IP_AT + size,
    end: IP_AT + total,
  };
}

/** Where a packet of ours goes. */
export interface Route {
  readonly sourceMac: Mac;
  readonly destinationMac: Mac;
  readonly source: Ipv4;
  readonly destination: Ipv4;
}

/** A packet with room for `size` bytes behind its IPv4 header. */
export function ipv4Packet(route: Route, protocol: number, size: number): Packet {
  const packet = newPacket(route.destinationMac, route.sourceMac, ETHERTYPE.IPV4, MIN_HEADER + size);
  packet[IP_AT] = 0x45;
  setU16(packet, IP_AT + 2, MIN_HEADER + size);
  setU16(packet, IP_AT + 6, DONT_FRAGMENT);
  packet[IP_AT + 8] = TTL;
  packet[IP_AT + 9] = protocol;
  setU32(packet, IP_AT + 12, route.source);
  setU32(packet, IP_AT + 16, route.destination);
  setU16(packet, IP_AT + 10, checksum(sumWords(packet, IP_AT, IP_AT + MIN_HEADER)));
  return packet;
}
