/**
 * A packet on its way between the guest's card and us: virtio's header (virtio 1.1, 5.1.6), then an Ethernet frame. Everything here
 * works in place, since each byte would be copied once more otherwise.
 */
import type { Mac } from "./addresses.ts";

export type Packet = Uint8Array<ArrayBuffer>;

/** Where things are. */
export const ETHERNET_AT = 12;
export const IP_AT = ETHERNET_AT + 14;
/** Behind an IPv4 header without options, such as we send. */
export const IP_PAYLOAD_AT = IP_AT + 20;

export const ETHERTYPE = { IPV4: 0x0800, ARP: 0x0806 } as const;

export function getU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export function getU32(bytes: Uint8Array, at: number): number {
  return getU16(bytes, at) * 0x10000 + getU16(bytes, at + 2);
}

export function setU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function setU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

export interface Ethernet {
  readonly destination: Mac;
  readonly source: Mac;
  readonly type: number;
}

/** `null` for a frame that is too short to be one. */
export function readEthernet(packet: Packet): Ethernet | null {
  if (packet.byteLength < IP_AT) return null;
  return {
    destination: packet.subarray(ETHERNET_AT, ETHERNET_AT + 6),
    source: packet.subarray(ETHERNET_AT + 6, ETHERNET_AT + 12),
    type: getU16(packet, ETHERNET_AT + 12),
  };
}

/** A packet with room for `size` bytes behind its Ethernet header. */
export function newPacket(destination: Mac, source: Mac, type: number, size: number): Packet {
  const packet = new Uint8Array(IP_AT + size);
  packet.set(destination, ETHERNET_AT);
  packet.set(source, ETHERNET_AT + 6);
  setU16(packet, ETHERNET_AT + 12, type);
  return packet;
}
