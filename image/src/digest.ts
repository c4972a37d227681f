import { createHash } from "node:crypto";

export type Bytes = Uint8Array<ArrayBufferLike>;

/** SHA-256 of the parts one after the other, 64 hex digits. */
export function sha256(...parts: (Bytes | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
