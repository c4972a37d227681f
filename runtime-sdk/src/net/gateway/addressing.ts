import type { Ipv4, Mac } from "../packet/addresses.ts";
import type { Lease } from "../services/dhcp.ts";

/** 10.0.2.0/24: the router at .2 is DHCP, DNS and NTP server as well; the guest is .15. */
export const GATEWAY_IP: Ipv4 = 0x0a000202;
export const GATEWAY_MAC: Mac = Uint8Array.of(0x52, 0x55, 0x0a, 0x00, 0x02, 0x02);
export const NETWORK: Ipv4 = 0x0a000200;
export const NETWORK_MASK: Ipv4 = 0xffffff00;
export const USUAL_GUEST_IP: Ipv4 = 0x0a00020f;

/** WHY no more: the guest's card takes segments of any length, and its programs expect this. */
export const MTU = 1500;
/** What the card takes when somebody in the guest asks for it. */
export const MAX_MTU = 9000;
const LEASE_SECONDS = 24 * 3600;
/** WHY so short: an address that two machines have got is given up by one of them, whose guest learns it when it renews. */
const LAN_LEASE_SECONDS = 600;

/** @param isShared Others of a LAN may want the address. */
export function leaseOf(address: Ipv4, isShared: boolean): Lease {
  const seconds = isShared ? LAN_LEASE_SECONDS : LEASE_SECONDS;
  return { address, mask: NETWORK_MASK, gateway: GATEWAY_IP, mtu: MTU, seconds };
}

export function isOnNetwork(address: Ipv4): boolean {
  return (address & NETWORK_MASK) >>> 0 === NETWORK;
}

/** Whether an address may be one host's in the internet, as far as can be said here: the relay judges. */
export function isHost(address: Ipv4): boolean {
  const first = address >>> 24;
  return first !== 0 && first !== 127 && first < 224 && !isOnNetwork(address);
}
