import { sha256 as sha256InJs } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

/** SHA-256 in 64 hex digits, by the platform where it may be used, which is not the case on pages served over plain HTTP. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  return bytesToHex(subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : sha256InJs(bytes));
}

/** Bytes of a piece. */
const PIECE = 2 ** 20;

/**
 * SHA-256 of the SHA-256 of each 1 MiB, in 64 hex digits. WHY: the platform copies all that it is to hash, in the thread that asks. Copies of this size reuse the
 * same memory.
 */
export async function sha256OfPieces(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  let all = "";
  for (let at = 0; at < bytes.byteLength; at += PIECE) all += await sha256Hex(bytes.subarray(at, at + PIECE));
  return sha256Hex(new TextEncoder().encode(all));
}
