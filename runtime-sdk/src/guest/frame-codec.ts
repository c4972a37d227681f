import { crc16 } from "./crc16.ts";
import { HEADER_SIZE, MAGIC_0, MAGIC_1, MAX_FRAME, MAX_PAYLOAD } from "./wire.gen.ts";

/** One frame of the guest link, see docs/guest-link.md. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  /** 0 is the link itself. */
  readonly channel: number;
  /** At most `MAX_PAYLOAD` bytes. */
  readonly payload: Uint8Array;
}

/** Encodes one frame. The payload is copied. */
export function encodeFrame(type: number, channel: number, payload: Uint8Array, flags = 0): Uint8Array<ArrayBuffer> {
  if (payload.length > MAX_PAYLOAD) throw new RangeError(`payload of ${payload.length} bytes; at most ${MAX_PAYLOAD}`);
  const bytes = new Uint8Array(HEADER_SIZE + payload.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = MAGIC_0;
  bytes[1] = MAGIC_1;
  bytes[2] = type;
  bytes[3] = flags;
  view.setUint32(4, channel, true);
  view.setUint16(8, payload.length, true);
  view.setUint16(10, crc16(bytes, 0, 10), true);
  bytes.set(payload, HEADER_SIZE);
  return bytes;
}

/** Encodes a payload of any length as frames one after the other, each but the last one page. The payload is copied. */
export function encodeFrames(type: number, channel: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = Math.max(1, Math.ceil(payload.length / MAX_PAYLOAD));
  const bytes = new Uint8Array(count * HEADER_SIZE + payload.length);
  for (let i = 0; i < count; i++) {
    bytes.set(encodeFrame(type, channel, payload.subarray(i * MAX_PAYLOAD, (i + 1) * MAX_PAYLOAD)), i * MAX_FRAME);
  }
  return bytes;
}

/** Payload length of the frame whose header starts at `at`, or -1 when there is no valid header. */
function payloadLength(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== MAGIC_0 || bytes[at + 1] !== MAGIC_1) return -1;
  const length = (bytes[at + 8] as number) | ((bytes[at + 9] as number) << 8);
  if (length > MAX_PAYLOAD) return -1;
  const crc = (bytes[at + 10] as number) | ((bytes[at + 11] as number) << 8);
  return crc === crc16(bytes, at, at + 10) ? length : -1;
}

/**
 * Finds frames in a stream of bytes that arrives in pieces of any size. Bytes that belong to no frame are skipped one by
 * one until a header fits again, and counted in `dropped`. Holds at most one frame of 4096 bytes.
 */
export class FrameDecoder {
  readonly #onFrame: (frame: Frame) => void;
  // The start of a frame whose rest has not arrived yet.
  readonly #partial = new Uint8Array(MAX_FRAME);
  #partialLength = 0;
  #dropped = 0;

  /** `onFrame` may keep the payload: it is never overwritten. */
  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** Bytes skipped so far because they belonged to no frame. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes the next piece. Frames that became whole are handed to `onFrame` in order, before this returns. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (this.#partialLength > 0 && at < bytes.length) at += this.#fillPartial(bytes, at);
    if (this.#partialLength > 0) return;
    at = this.#scan(bytes, at);
    this.#partial.set(bytes.subarray(at));
    this.#partialLength = bytes.length - at;
  }

  /** Decodes what is whole from `at` on; returns the position of the incomplete rest. */
  #scan(bytes: Uint8Array, at: number): number {
    while (bytes.length - at >= HEADER_SIZE) {
      const length = payloadLength(bytes, at);
      if (length < 0) {
        at++;
        this.#dropped++;
        continue;
      }
      const end = at + HEADER_SIZE + length;
      if (end > bytes.length) break;
      this.#deliver(bytes, at, length);
      at = end;
    }
    return at;
  }

  #deliver(bytes: Uint8Array, at: number, length: number): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEADER_SIZE);
    this.#onFrame({
      type: view.getUint8(2),
      flags: view.getUint8(3),
      channel: view.getUint32(4, true),
      payload: bytes.subarray(at + HEADER_SIZE, at + HEADER_SIZE + length),
    });
  }

  /** Completes the partial frame from `bytes[at…]` as far as needed; returns how many bytes it took. */
  #fillPartial(bytes: Uint8Array, at: number): number {
    const wanted = this.#partialWants();
    const taken = Math.min(wanted - this.#partialLength, bytes.length - at);
    this.#partial.set(bytes.subarray(at, at + taken), this.#partialLength);
    this.#partialLength += taken;
    if (this.#partialLength === wanted) {
      // WHY a copy: frames of #scan point into the array they were found in, and #partial is used again.
      const whole = this.#partial.slice(0, this.#partialLength);
      const rest = this.#scan(whole, 0);
      this.#partial.set(whole.subarray(rest));
      this.#partialLength = whole.length - rest;
    }
    return taken;
  }

  /** Length up to which the partial frame must be filled before the next decision. */
  #partialWants(): number {
    if (this.#partialLength < HEADER_SIZE) return HEADER_SIZE;
    const length = payloadLength(this.#partial, 0);
    return HEADER_SIZE + Math.max(length, 0);
  }
}
