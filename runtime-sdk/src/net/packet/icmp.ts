/** ICMP (RFC 792). */
import { checksum, sumWords } from "./checksum.ts";
import { type Ipv4Header, ipv4Packet, PROTOCOL, type Route } from "./ipv4.ts";
import { IP_AT, IP_PAYLOAD_AT, type Packet, setU16 } from "./packet.ts";

const ECHO_REPLY = 0;
const UNREACHABLE = 3;
const ECHO = 8;
const HEADER = 8;

/** Codes of "destination unreachable". */
export const UNREACHABLE_CODE = { NET: 0, HOST: 1, PROTOCOL: 2, PORT: 3, PROHIBITED: 13 } as const;

/** Whether a packet asks for an echo. */
export function isEcho(packet: Packet, { payloadAt, end }: Ipv4Header): boolean {
  return end - payloadAt >= HEADER && packet[payloadAt] === ECHO && packet[payloadAt + 1] === 0;
}

export function echoReply(route: Route, packet: Packet, { payloadAt, end }: Ipv4Header): Packet {
  const reply = ipv4Packet(route, PROTOCOL.ICMP, end - payloadAt);
  reply.set(packet.subarray(payloadAt, end), IP_PAYLOAD_AT);
  reply[IP_PAYLOAD_AT] = ECHO_REPLY;
  return withChecksum(reply);
}

/** Says that a packet could not be delivered, with the first bytes of it: `original` begins with its IPv4 header. */
export function unreachable(route: Route, code: number, original: Uint8Array): Packet {
  const reply = ipv4Packet(route, PROTOCOL.ICMP, HEADER + original.byteLength);
  reply[IP_PAYLOAD_AT] = UNREACHABLE;
  reply[IP_PAYLOAD_AT + 1] = code;
  reply.set(original, IP_PAYLOAD_AT + HEADER);
  return withChecksum(reply);
}

/** What of a packet goes back in an error: its IPv4 header and 8 bytes. A copy. */
export function quoteOf(packet: Packet, { payloadAt, end }: Ipv4Header): Uint8Array {
  return packet.slice(IP_AT, Math.min(payloadAt + 8, end));
}

/** Whether it is an error itself, which is never answered with one. */
export function isIcmpError(packet: Packet, { protocol, payloadAt, end }: Ipv4Header): boolean {
  const type = packet[payloadAt] as number;
  return protocol === PROTOCOL.ICMP && (end <= payloadAt || (type !== ECHO && type !== ECHO_REPLY));
}

function withChecksum(packet: Packet): Packet {
  setU16(packet, IP_PAYLOAD_AT + 2, 0);
  setU16(packet, IP_PAYLOAD_AT + 2, checksum(sumWords(packet, IP_PAYLOAD_AT, packet.byteLength)));
  return packet;
}
