import ipaddr from "ipaddr.js";

/** Public by its registry entry, yet it never leads to the internet, or leads back into a private network. */
const NOT_PUBLIC_V4 = [
  "0.0.0.0/8",
  "100.64.0.0/10",
  // Azure's platform services, reachable from each of its machines.
  "168.63.129.16/32",
  "192.0.0.0/24",
  "192.31.196.0/24",
  "192.52.193.0/24",
  "192.88.99.0/24",
  "192.175.48.0/24",
  "198.18.0.0/15",
].map((range) => ipaddr.IPv4.parseCIDR(range));

/** Within 2000::/3, and not the internet: special purposes, and forms that hold an IPv4 address. */
const NOT_PUBLIC_V6 = [
  // IETF protocol assignments: Teredo, ORCHID, benchmarking and the rest.
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "2620:4f:8000::/48",
  "3fff::/20",
].map((range) => ipaddr.IPv6.parseCIDR(range));

const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/** An address in one spelling, or `null` when the text is not one. An IPv4-mapped IPv6 address stays one. */
export function canonicalAddress(text: string): string | null {
  if (text.includes("%")) return null;
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text).toString();
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text).toString() : null;
}

/**
 * Whether the address belongs to the public internet. What is not known to is not: IPv6 must lie in 2000::/3, and no form that embeds an
 * IPv4 address is taken.
 */
export function isPublicAddress(text: string): boolean {
  const canonical = canonicalAddress(text);
  if (canonical === null) return false;
  const address = ipaddr.parse(canonical);
  if (address.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv4) return !NOT_PUBLIC_V4.some((range) => address.match(range));
  return address.match(GLOBAL_UNICAST) && !NOT_PUBLIC_V6.some((range) => address.match(range));
}

/** Addresses that an operator names: one address or a range. */
export class AddressRanges {
  readonly #ranges: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];

  /** @throws Error for a text that is neither an address nor a range. */
  constructor(ranges: readonly string[]) {
    this.#ranges = ranges.map(parseRange);
  }

  includes(text: string): boolean {
    const canonical = canonicalAddress(text);
    if (canonical === null) return false;
    const address = ipaddr.parse(canonical);
    return this.#ranges.some(
      (range) => range[0].kind() === address.kind() && (address as ipaddr.IPv4).match(range as [ipaddr.IPv4, number]),
    );
  }
}

function parseRange(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [address = "", bits, more] = text.split("/");
  const canonical = canonicalAddress(address);
  if (canonical === null || more !== undefined) throw new Error(`"${text}" is not an address or a range of addresses`);
  const parsed = ipaddr.parse(canonical);
  const width = parsed.kind() === "ipv4" ? 32 : 128;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= width))
    throw new Error(`"${text}" has a prefix that is not a number from 0 to ${width}`);
  const range: [ipaddr.IPv4 | ipaddr.IPv6, number] = [parsed, bits === undefined ? width : Number(bits)];
  const network =
    parsed.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(`${canonical}/${range[1]}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${canonical}/${range[1]}`);
  if (network.toString() !== canonical)
    throw new Error(`"${text}" has bits beyond its prefix; did you mean ${network}/${range[1]}?`);
  return range;
}

/** As an address is counted: an IPv4 address whole, the /64 of an IPv6 address, which is one customer's. */
export function addressGroup(text: string): string {
  const plain = unmapped(text);
  const canonical = canonicalAddress(plain);
  if (canonical === null) return "unknown";
  if (!canonical.includes(":")) return canonical;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${canonical}/64`)}/64`;
}

/** A peer's address as a dual-stack socket shows it, without the IPv6 wrapping of an IPv4 address. */
export function unmapped(text: string): string {
  const canonical = canonicalAddress(text);
  if (canonical === null) return text;
  const address = ipaddr.parse(canonical);
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress()
    ? address.toIPv4Address().toString()
    : canonical;
}
