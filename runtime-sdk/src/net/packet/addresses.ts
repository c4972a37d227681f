/** An IPv4 address as an unsigned number. */
export type Ipv4 = number;

/** A MAC address, 6 bytes. */
export type Mac = Uint8Array;

export const BROADCAST_MAC: Mac = new Uint8Array(6).fill(0xff);
export const BROADCAST_IP: Ipv4 = 0xffffffff;

/** An address in dots; `null` when it is not one of four decimal numbers without leading zeros. */
export function parseIpv4(text: string): Ipv4 | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  let address = 0;
  for (const part of match.slice(1)) {
    const byte = Number(part);
    if (byte > 255 || String(byte) !== part) return null;
    address = address * 256 + byte;
  }
  return address;
}

export function formatIpv4(address: Ipv4): string {
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join(".");
}

export function formatMac(mac: Mac): string {
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

export function sameMac(a: Mac, b: Mac): boolean {
  for (let i = 0; i < 6; i++) if (a[i] !== b[i]) return false;
  return true;
}
