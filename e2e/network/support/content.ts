import { createHash, randomBytes } from "node:crypto";
import type { Writable } from "node:stream";
import { sendAll } from "../../support/bulk.ts";

const BLOCK = randomBytes(65_536);

/** Bytes of which no two blocks are the same. */
function* blocks(size: number): Generator<Buffer> {
  for (let at = 0; at < size; at += BLOCK.length) {
    const block = Buffer.from(BLOCK.subarray(0, Math.min(BLOCK.length, size - at)));
    if (block.length >= 4) block.writeUInt32LE(at / BLOCK.length, 0);
    yield block;
  }
}

/** SHA-256 of what `send` sends. */
export function hashOf(size: number): string {
  const hash = createHash("sha256");
  for (const block of blocks(size)) hash.update(block);
  return hash.digest("hex");
}

/** Writes `size` bytes as fast as they are taken; ends when they are, or when nobody is left to take them. */
export function send(target: Writable, size: number): Promise<void> {
  return sendAll(target, blocks(size));
}
