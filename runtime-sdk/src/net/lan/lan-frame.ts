/** Which packets may go from one machine's card to another's, and what of them. */
import { GATEWAY_IP, GATEWAY_MAC, isOnNetwork, MAX_MTU, NETWORK } from "../gateway/addressing.ts";
import { type Ipv4, sameMac } from "../packet/addresses.ts";
import { readArp } from "../packet/arp.ts";
import { readCardHeader, writeCardHeader } from "../packet/card-header.ts";
import { type Ipv4Header, PROTOCOL, readIpv4 } from "../packet/ipv4.ts";
import { ETHERNET_AT, ETHERTYPE, type Ethernet, getU16, type Packet, readEthernet } from "../packet/packet.ts";
import { DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from "../services/dhcp.ts";

const MAX_PACKET = ETHERNET_AT + 14 + 65535;
/** The first and the last that machines have. */
const FIRST: Ipv4 = NETWORK + 15;
const LAST: Ipv4 = NETWORK + 254;
/** What a kernel cuts into. */
const MIN_SEGMENT = 88;
const MAX_SEGMENT = MAX_MTU - 40;
/** Where the checksum is in the headers of those that have one. */
const CHECKSUM_AT: Readonly<Record<number, number>> = { [PROTOCOL.TCP]: 16, [PROTOCOL.UDP]: 6 };

/** How many machines a LAN can have. */
export const LAN_SIZE = LAST - FIRST + 1;

/** @param index From 0 on, less than `LAN_SIZE`. */
export function lanAddress(index: number): Ipv4 {
  return FIRST + index;
}

export function isLanAddress(address: unknown): address is Ipv4 {
  return Number.isInteger(address) && (address as number) >= FIRST && (address as number) <= LAST;
}

/**
 * Readies a packet of one guest for another's card; `null`: it may not go there. ARP and IPv4 between machines of the network pass; nothing from or to a
 * gateway, nothing from or to the outside, no DHCP. What virtio's header says is made anew.
 */
export function lanPacket(packet: Packet): { readonly packet: Packet; readonly ethernet: Ethernet } | null {
  if (packet.byteLength > MAX_PACKET) return null;
  const ethernet = readEthernet(packet);
  if (!ethernet || isGroup(ethernet.source)) return null;
  if (sameMac(ethernet.source, GATEWAY_MAC) || sameMac(ethernet.destination, GATEWAY_MAC)) return null;
  const isFit = ethernet.type === ETHERTYPE.ARP ? fitsArp(packet, ethernet) : fitsIpv4(packet, ethernet.type);
  return isFit ? { packet, ethernet } : null;
}

/** Whether a hardware address is that of many. */
export function isGroup(mac: Uint8Array): boolean {
  return ((mac[0] as number) & 1) === 1;
}

function fitsArp(packet: Packet, { source }: Ethernet): boolean {
  const message = readArp(packet);
  if (!message || !sameMac(message.senderMac, source)) return false;
  packet.fill(0, 0, ETHERNET_AT);
  // Who looks whether an address is free has none yet.
  return (message.senderIp === 0 || isMachine(message.senderIp)) && isMachine(message.targetIp);
}

function fitsIpv4(packet: Packet, type: number): boolean {
  const header = type === ETHERTYPE.IPV4 ? readIpv4(packet) : null;
  if (!header || !isMachine(header.source) || !isMachine(header.destination)) return false;
  return !isDhcp(packet, header) && cleanHeader(packet, header);
}

function isMachine(address: Ipv4): boolean {
  return isOnNetwork(address) && address !== GATEWAY_IP;
}

function isDhcp(packet: Packet, { protocol, payloadAt, end }: Ipv4Header): boolean {
  if (protocol !== PROTOCOL.UDP || end - payloadAt < 4) return false;
  const ports = [getU16(packet, payloadAt), getU16(packet, payloadAt + 2)];
  return ports.includes(DHCP_SERVER_PORT) || ports.includes(DHCP_CLIENT_PORT);
}

/** Leaves of virtio's header what this packet may have. WHY: a kernel believes it. */
function cleanHeader(packet: Packet, { protocol, payloadAt, end }: Ipv4Header): boolean {
  const { needsChecksum, segment } = readCardHeader(packet);
  const checksumAt = CHECKSUM_AT[protocol];
  if (needsChecksum && (checksumAt === undefined || end - payloadAt < checksumAt + 2)) return false;
  if (segment > 0 && (protocol !== PROTOCOL.TCP || !needsChecksum)) return false;
  if (segment > 0 && (segment < MIN_SEGMENT || segment > MAX_SEGMENT)) return false;
  packet.fill(0, 0, ETHERNET_AT);
  if (needsChecksum) writeCardHeader(packet, payloadAt, checksumAt as number, segment);
  return true;
}
