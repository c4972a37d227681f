/** TCP's segments (RFC 9293, 3.1), as we read and write them. */
import { writeCardHeader } from "./card-header.ts";
import { checksum, fold, sumPseudoHeader, sumWords } from "./checksum.ts";
import { type Ipv4Header, ipv4Packet, PROTOCOL, type Route } from "./ipv4.ts";
import { getU16, getU32, IP_PAYLOAD_AT, type Packet, setU16, setU32 } from "./packet.ts";

export const FLAG = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;

const MIN_HEADER = 20;
const OPTION = { END: 0, NONE: 1, MSS: 2, WINDOW_SCALE: 3 } as const;
/** RFC 7323, 2.3. */
const MAX_SCALE = 14;

/** Where a segment's payload begins in a packet of ours. */
export const TCP_PAYLOAD_AT = IP_PAYLOAD_AT + MIN_HEADER;
/** The most payload of one packet: the length of an IPv4 packet is 16 bits. */
export const MAX_TCP_PAYLOAD = 65535 - 20 - MIN_HEADER;

export interface Segment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  /** As it is on the wire, not scaled. */
  readonly window: number;
  readonly payload: Uint8Array;
  /** Options of a SYN; `null`: not there. */
  readonly mss: number | null;
  readonly windowScale: number | null;
}

/** `null` for what is not a segment. WHY no checksum is looked at: the guest leaves it to its card, and the way to us is memory. */
export function readSegment(packet: Packet, { payloadAt: at, end }: Ipv4Header): Segment | null {
  if (end - at < MIN_HEADER) return null;
  const header = ((packet[at + 12] as number) >> 4) * 4;
  if (header < MIN_HEADER || header > end - at) return null;
  const flags = packet[at + 13] as number;
  const options = flags & FLAG.SYN ? readOptions(packet.subarray(at + MIN_HEADER, at + header)) : NO_OPTIONS;
  return {
    sourcePort: getU16(packet, at),
    destinationPort: getU16(packet, at + 2),
    sequence: getU32(packet, at + 4),
    acknowledgment: getU32(packet, at + 8),
    flags,
    window: getU16(packet, at + 14),
    payload: packet.subarray(at + header, end),
    ...options,
  };
}

const NO_OPTIONS = { mss: null, windowScale: null };

function readOptions(bytes: Uint8Array): { mss: number | null; windowScale: number | null } {
  let mss: number | null = null;
  let windowScale: number | null = null;
  for (let at = 0; at < bytes.byteLength; ) {
    const kind = bytes[at];
    if (kind === OPTION.END) break;
    if (kind === OPTION.NONE) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > bytes.byteLength) break;
    if (kind === OPTION.MSS && length === 4) mss = getU16(bytes, at + 2);
    if (kind === OPTION.WINDOW_SCALE && length === 3) windowScale = Math.min(bytes[at + 2] as number, MAX_SCALE);
    at += length;
  }
  return { mss, windowScale };
}

export interface SegmentHeader {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
}

/** What the guest's card does itself. */
export interface Offload {
  readonly checksum: boolean;
  readonly segmentation: boolean;
}

/** A segment with options and no payload. */
export function synPacket(route: Route, header: SegmentHeader, mss: number, windowScale: number | null): Packet {
  const options = windowScale === null ? 4 : 8;
  const packet = ipv4Packet(route, PROTOCOL.TCP, MIN_HEADER + options);
  writeHeader(packet, header, MIN_HEADER + options);
  packet.set([OPTION.MSS, 4, mss >> 8, mss & 255], TCP_PAYLOAD_AT);
  if (windowScale !== null) packet.set([OPTION.WINDOW_SCALE, 3, windowScale, OPTION.NONE], TCP_PAYLOAD_AT + 4);
  return finishSegment(packet, route, 0, { checksum: false, segmentation: false });
}

/** A segment with room for `size` bytes from `TCP_PAYLOAD_AT` on; `finishSegment` when they are there. */
export function segmentPacket(route: Route, header: SegmentHeader, size: number): Packet {
  const packet = ipv4Packet(route, PROTOCOL.TCP, MIN_HEADER + size);
  writeHeader(packet, header, MIN_HEADER);
  return packet;
}

function writeHeader(packet: Packet, header: SegmentHeader, size: number): void {
  const at = IP_PAYLOAD_AT;
  setU16(packet, at, header.sourcePort);
  setU16(packet, at + 2, header.destinationPort);
  setU32(packet, at + 4, header.sequence);
  setU32(packet, at + 8, header.acknowledgment);
  packet[at + 12] = (size / 4) << 4;
  packet[at + 13] = header.flags;
  setU16(packet, at + 14, header.window);
}

/** Where in TCP's header the checksum is. */
const CHECKSUM_AT = 16;

/** Adds the checksum, or leaves it to the card; `mss`: the payload is to be cut into pieces of that size, 0: it is one piece. */
export function finishSegment(packet: Packet, route: Route, mss: number, offload: Offload): Packet {
  const at = IP_PAYLOAD_AT;
  const length = packet.byteLength - at;
  const pseudo = sumPseudoHeader(route.source, route.destination, PROTOCOL.TCP, length);
  if (!offload.checksum) {
    setU16(packet, at + CHECKSUM_AT, checksum(fold(sumWords(packet, at, packet.byteLength, pseudo))));
    return packet;
  }
  setU16(packet, at + CHECKSUM_AT, fold(pseudo));
  const isLong = mss > 0 && packet.byteLength - TCP_PAYLOAD_AT > mss;
  writeCardHeader(packet, at, CHECKSUM_AT, isLong ? mss : 0);
  return packet;
}
