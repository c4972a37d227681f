import type { IncomingMessage } from "node:http";
import { type AddressRanges, canonicalAddress, unmapped } from "../policy/address.ts";

const MAX_HOPS = 32;

/**
 * Whose request it is. `X-Forwarded-For` counts only when a trusted proxy sent it, and from the right: what is left of the first address that is
 * no trusted proxy was written by the client.
 */
export function clientAddress(request: IncomingMessage, trusted: AddressRanges): string {
  let address = unmapped(request.socket.remoteAddress ?? "");
  const header = request.headers["x-forwarded-for"];
  const hops = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",").slice(-MAX_HOPS);
  while (trusted.includes(address)) {
    const hop = canonicalAddress((hops.pop() ?? "").trim());
    if (hop === null) break;
    address = unmapped(hop);
  }
  return address;
}
