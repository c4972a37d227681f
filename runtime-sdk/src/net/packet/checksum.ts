/** RFC 1071: the one's complement sum of 16-bit words from `from` up to `to`, not folded, on top of `sum`. */
export function sumWords(bytes: Uint8Array, from: number, to: number, sum = 0): number {
  let total = sum;
  const even = to - ((to - from) & 1);
  // 64 KiB of words fit into 2^31, so that folding can wait for the end.
  for (let at = from; at < even; at += 2) total += ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
  if (even !== to) total += (bytes[even] as number) << 8;
  return total;
}

/** A sum folded into 16 bits. */
export function fold(sum: number): number {
  let total = sum;
  while (total > 0xffff) total = (total % 0x10000) + Math.floor(total / 0x10000);
  return total;
}

/** The checksum that goes into a header. */
export function checksum(sum: number): number {
  return ~fold(sum) & 0xffff;
}

/** The sum over the pseudo header of TCP and UDP (RFC 9293, 3.1). */
export function sumPseudoHeader(source: number, destination: number, protocol: number, length: number): number {
  return (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff) + protocol + length;
}
