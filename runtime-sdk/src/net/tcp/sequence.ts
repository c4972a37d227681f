/** Sequence numbers, modulo 2^32 (RFC 9293, 3.4). */

export function seqAdd(sequence: number, count: number): number {
  return (sequence + count) >>> 0;
}

/** How far `a` is ahead of `b`; negative when it is behind. */
export function seqDiff(a: number, b: number): number {
  return (a - b) | 0;
}
