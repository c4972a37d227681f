import { HEADER_BYTES, MAX_FRAME_BYTES } from "warmboot/wisp";

/** Above it a frame gets a whole slab; below one of its own size. */
const SMALL_BYTES = 16 * 1024;
/** Slabs that are kept for the next frames. */
const MAX_KEPT = 32;

/**
 * WHY: a frame of 64 KiB for every read would be the most of what the relay allocates, and collecting them a fifth of its time. A slab comes back
 * when the kernel has its bytes.
 */
const kept: ArrayBuffer[] = [];

/** A frame with room for its header, holding a copy of `bytes`. */
export function framed(bytes: Uint8Array): Buffer {
  const size = HEADER_BYTES + bytes.byteLength;
  const frame =
    size < SMALL_BYTES
      ? Buffer.allocUnsafe(size)
      : Buffer.from(kept.pop() ?? new ArrayBuffer(MAX_FRAME_BYTES), 0, size);
  frame.set(bytes, HEADER_BYTES);
  return frame;
}

/** Takes a frame back that `framed` has made, and that nobody reads any more. */
export function recycle({ buffer }: Buffer): void {
  if (buffer.byteLength === MAX_FRAME_BYTES && buffer instanceof ArrayBuffer && kept.length < MAX_KEPT)
    kept.push(buffer);
}
