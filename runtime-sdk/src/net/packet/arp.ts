/** ARP for IPv4 over Ethernet (RFC 826). */
import type { Ipv4, Mac } from "./addresses.ts";
import { ETHERTYPE, getU16, getU32, IP_AT, newPacket, type Packet, setU16, setU32 } from "./packet.ts";

const SIZE = 28;
export const ARP = { REQUEST: 1, REPLY: 2 } as const;

export interface ArpMessage {
  readonly operation: number;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
}

/** `null` for what is not ARP for IPv4 over Ethernet. */
export function readArp(packet: Packet): ArpMessage | null {
  const at = IP_AT;
  if (packet.byteLength < at + SIZE) return null;
  if (getU16(packet, at) !== 1 || getU16(packet, at + 2) !== ETHERTYPE.IPV4 || getU16(packet, at + 4) !== 0x0604)
    return null;
  return {
    operation: getU16(packet, at + 6),
    senderMac: packet.subarray(at + 8, at + 14),
    senderIp: getU32(packet, at + 14),
    targetMac: packet.subarray(at + 18, at + 24),
    targetIp: getU32(packet, at + 24),
  };
}

export function arpPacket(to: Mac, { operation, senderMac, senderIp, targetMac, targetIp }: ArpMessage): Packet {
  const packet = newPacket(to, senderMac, ETHERTYPE.ARP, SIZE);
  const at = IP_AT;
  setU16(packet, at, 1);
  setU16(packet, at + 2, ETHERTYPE.IPV4);
  setU16(packet, at + 4, 0x0604);
  setU16(packet, at + 6, operation);
  packet.set(senderMac, at + 8);
  setU32(packet, at + 14, senderIp);
  packet.set(targetMac, at + 18);
  setU32(packet, at + 24, targetIp);
  return packet;
}
