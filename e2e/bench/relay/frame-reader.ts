/** The longest start of a WebSocket frame from a server with what WISP has before its data. */
const MAX_START_BYTES = 10 + 9;

/** What a WISP frame starts with, and how many bytes of payload it has. */
export type OnFrame = (type: number, stream: number, value: number, payloadBytes: number) => void;

/** Reads the starts of a server's WebSocket frames and skips what they carry. A frame is told of when its last byte is there. */
export class FrameReader {
  readonly #onFrame: OnFrame;
  readonly #start = Buffer.alloc(MAX_START_BYTES);
  #have = 0;
  #left = 0;
  #frame: readonly [number, number, number, number] | null = null;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#frame) {
        const skipped = Math.min(this.#left, chunk.byteLength - at);
        at += skipped;
        this.#left -= skipped;
      } else {
        this.#start[this.#have++] = chunk[at++] ?? 0;
        this.#readStart();
      }
      if (this.#frame && this.#left === 0) {
        const [type, stream, value, size] = this.#frame;
        this.#frame = null;
        this.#onFrame(type, stream, value, size);
      }
    }
  }

  #readStart(): void {
    const start = this.#start;
    const short = (start[1] ?? 0) & 0x7f;
    const header = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (this.#have < header) return;
    const length = short === 127 ? start.readUIntBE(4, 6) : short === 126 ? start.readUInt16BE(2) : short;
    const wanted = Math.min(9, length);
    if (this.#have < header + wanted) return;
    const value = wanted === 9 ? start.readUInt32LE(header + 5) : (start[header + 5] ?? 0);
    this.#frame = [start[header] ?? 0, start.readUInt32LE(header + 1), value, length - 5];
    this.#left = length - wanted;
    this.#have = 0;
  }
}
