import { isIPv4, isIPv6 } from "node:net";
import { canonicalAddress } from "./address.ts";

/** A destination as the client may name it. */
export type Host =
  /** Lower case, without a trailing dot, at least two labels. */
  | { readonly type: "name"; readonly name: string }
  /** In one spelling, so that it can be compared. */
  | { readonly type: "address"; readonly address: string };

// WHY not in lower case first: that turns some letters of other scripts into ASCII.
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/**
 * Reads a host strictly: a dotted quad, an IPv6 address without zone and brackets, or a name of letters, digits, hyphens and underscores.
 * Whatever another parser could take for an address in another spelling (`127.1`, `0x7f000001`, `2130706433`) is neither. `null`: it is none of them.
 */
export function parseHost(text: string): Host | null {
  if (text.length === 0 || text.length > 254) return null;
  if (isIPv4(text)) return { type: "address", address: text };
  if (text.includes(":")) {
    const address = isIPv6(text) ? canonicalAddress(text) : null;
    return address === null ? null : { type: "address", address };
  }
  const name = parseName(text);
  return name === null ? null : { type: "name", name };
}

/** A name of the DNS that may be resolved, in lower case and without its trailing dot; `null` when it is not one. */
export function parseName(text: string): string | null {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  if (name.length === 0 || name.length > 253) return null;
  const labels = name.split(".");
  // WHY: a single label would be completed by a search list, or is a name of the relay's own network.
  if (labels.length < 2) return null;
  if (!labels.every((label) => LABEL.test(label))) return null;
  // WHY: no top level is a number, but inet_aton and URL parsers read "1.2" or "a.0x1" as addresses or fail on them.
  const last = labels.at(-1) ?? "";
  return /^\d+$|^0x[0-9a-f]*$/i.test(last) ? null : name.toLowerCase();
}
