/** Much data, for servers of tests and benchmarks. */
import { createHash } from "node:crypto";
import type { Writable } from "node:stream";

/** `size` bytes, of one piece again and again. */
export function* repeated(piece: Buffer, size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, piece.length));
}

/** Writes pieces as fast as they are taken; ends when they are, or when nobody is left to take them. */
export async function sendAll(target: Writable, pieces: Iterable<Buffer>): Promise<void> {
  for (const piece of pieces) {
    if (target.destroyed) return;
    if (target.write(piece)) continue;
    await new Promise<void>((resolve) => {
      const goOn = () => {
        target.off("drain", goOn);
        target.off("close", goOn);
        resolve();
      };
      target.on("drain", goOn);
      target.on("close", goOn);
    });
  }
}

/** Reads to the end, giving each piece to `take`; how many bytes it was. */
export async function receiveAll(
  source: AsyncIterable<Buffer>,
  take: (piece: Buffer) => void = () => {},
): Promise<number> {
  let size = 0;
  for await (const piece of source) {
    take(piece);
    size += piece.length;
  }
  return size;
}

/** Size and SHA-256 of what comes. */
export async function digest(source: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash("sha256");
  const size = await receiveAll(source, (piece) => hash.update(piece));
  return `${size} ${hash.digest("hex")}`;
}
