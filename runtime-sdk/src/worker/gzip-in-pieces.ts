import { Deflate } from "pako";
import { type Gzip, otherTasks } from "../bytes/index.ts";

/** What is packed at a time: about 10 ms. */
const PIECE = 64 * 1024;
/** See docs/snapshots.md for what was measured. */
const LEVEL = 2;

/**
 * Packs in a browser. What is small goes to the browser's own CompressionStream, which packs best. WHY the rest does not: it does all of its
 * work before anything else runs on the thread, and the machine would stand still for a second. pako takes a piece at a time, and is faster.
 */
export const gzipInPieces: Gzip = async (bytes) => {
  if (bytes.byteLength <= PIECE) return gzipAtOnce(bytes);
  const deflate = new Deflate({ level: LEVEL, gzip: true });
  for (let at = 0; at < bytes.byteLength; at += PIECE) {
    if (at > 0) await otherTasks();
    deflate.push(bytes.subarray(at, at + PIECE), at + PIECE >= bytes.byteLength);
  }
  if (deflate.err) throw new Error(`gzip: ${deflate.msg}`);
  return new Uint8Array(deflate.result);
};

async function gzipAtOnce(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new CompressionStream("gzip");
  const packed = new Response(readable).arrayBuffer();
  const writer = writable.getWriter();
  await writer.write(bytes);
  await writer.close();
  return new Uint8Array(await packed);
}
