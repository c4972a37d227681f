/*
 * As much of the guest link (docs/guest-link.md) as it takes to start one login shell on a terminal and see its prompt.
 * The numbers are those of runtime-sdk/wire/link.json.
 */
const MAGIC = [0x57, 0xb7] as const;
const HEADER = 12;
const VERSION = 1;
const SPAWN_PTY = 1;
const SPAWN_LOGIN = 8;

export const Frame = {
  HELLO: 1,
  SPAWN: 16,
  ANNOUNCE: 128,
  READY: 129,
  STDOUT: 145,
  SPAWN_FAILED: 150,
  ERROR: 159,
} as const;

export interface LinkFrame {
  readonly type: number;
  readonly channel: number;
  readonly payload: Buffer;
}

export function encodeFrame(type: number, channel: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(HEADER + payload.byteLength);
  frame.set([...MAGIC, type, 0]);
  frame.writeUInt32LE(channel, 4);
  frame.writeUInt16LE(payload.byteLength, 8);
  frame.writeUInt16LE(crc16(frame.subarray(0, 10)), 10);
  frame.set(payload, HEADER);
  return frame;
}

export function helloPayload(seed: Uint8Array): Buffer {
  const payload = Buffer.alloc(12 + seed.byteLength);
  payload.writeUInt16LE(VERSION, 0);
  payload.writeUInt16LE(seed.byteLength, 2);
  payload.writeBigUInt64LE(BigInt(Date.now()) * 1_000_000n, 4);
  payload.set(seed, 12);
  return payload;
}

/** A process request for a login shell on a terminal of 80 by 24. */
export function loginShellPayload(): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt32LE(SPAWN_PTY | SPAWN_LOGIN, 0);
  head.writeUInt16LE(80, 4);
  head.writeUInt16LE(24, 6);
  head.writeUInt32LE(2 ** 20, 8);
  const list = (items: readonly string[]) => Buffer.concat([u32(items.length), ...items.map(string)]);
  return Buffer.concat([head, string(""), string(""), list(["bash"]), list(["TERM=xterm-256color"])]);
}

/** Cuts a stream of bytes into frames. The device loses nothing in this direction, so there is no resynchronising. */
export class FrameReader {
  #pending = Buffer.alloc(0);

  push(bytes: Uint8Array): LinkFrame[] {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const frames: LinkFrame[] = [];
    while (this.#pending.byteLength >= HEADER) {
      if (this.#pending[0] !== MAGIC[0] || this.#pending[1] !== MAGIC[1])
        throw new Error("the agent sent a broken frame");
      const end = HEADER + this.#pending.readUInt16LE(8);
      if (this.#pending.byteLength < end) break;
      frames.push({
        type: this.#pending.readUInt8(2),
        channel: this.#pending.readUInt32LE(4),
        payload: this.#pending.subarray(HEADER, end),
      });
      this.#pending = this.#pending.subarray(end);
    }
    return frames;
  }
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([u32(bytes.byteLength), bytes]);
}

/** CRC-16/CCITT-FALSE. */
function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}
