/** Virtio's header (virtio 1.1, 5.1.6), little-endian: what the card is to do, or what it has left to be done. */
import { checksum, fold, sumWords } from "./checksum.ts";
import { ETHERNET_AT, IP_PAYLOAD_AT, type Packet, setU16 } from "./packet.ts";

const NEEDS_CHECKSUM = 1;
const GSO_TCPV4 = 1;
const AT = { FLAGS: 0, GSO: 1, HEADERS: 2, SEGMENT: 4, START: 6, OFFSET: 8 } as const;
const DATA_OFFSET = 12;

function getLe(packet: Packet, at: number): number {
  return (packet[at] as number) + (packet[at + 1] as number) * 256;
}

function setLe(packet: Packet, at: number, value: number): void {
  packet[at] = value & 255;
  packet[at + 1] = value >> 8;
}

export interface CardHeader {
  /** The checksum of TCP or UDP is the pseudo header's only. */
  readonly needsChecksum: boolean;
  /** The payload is to be cut into segments of that size; 0: it is one. */
  readonly segment: number;
}

export function readCardHeader(packet: Packet): CardHeader {
  return {
    needsChecksum: packet[AT.FLAGS] === NEEDS_CHECKSUM,
    segment: packet[AT.GSO] === GSO_TCPV4 ? getLe(packet, AT.SEGMENT) : 0,
  };
}

/**
 * Leaves the checksum to the card, and the cutting if `segment` is not 0.
 * @param at Where the header of TCP or UDP begins.
 * @param checksumAt Where in it the checksum is.
 */
export function writeCardHeader(packet: Packet, at: number, checksumAt: number, segment: number): void {
  packet[AT.FLAGS] = NEEDS_CHECKSUM;
  setLe(packet, AT.START, at - ETHERNET_AT);
  setLe(packet, AT.OFFSET, checksumAt);
  if (segment === 0) return;
  packet[AT.GSO] = GSO_TCPV4;
  setLe(packet, AT.HEADERS, at - ETHERNET_AT + ((packet[at + DATA_OFFSET] as number) >> 4) * 4);
  setLe(packet, AT.SEGMENT, segment);
}

/** A packet with the checksum that was left to the card; the same packet when none was. */
export function completeChecksum(packet: Packet): Packet {
  if (packet[AT.FLAGS] !== NEEDS_CHECKSUM) return packet;
  const start = ETHERNET_AT + getLe(packet, AT.START);
  const at = start + getLe(packet, AT.OFFSET);
  if (at + 2 > packet.byteLength || start < IP_PAYLOAD_AT) return packet;
  const whole = packet.slice();
  // What stands there is the sum over the pseudo header, which is part of it.
  setU16(whole, at, checksum(fold(sumWords(packet, start, packet.byteLength))));
  return whole;
}
