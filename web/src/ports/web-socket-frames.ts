/** Frames of the WebSocket protocol (RFC 6455, 5), as a client sends and reads them. */

type Bytes = Uint8Array<ArrayBuffer>;

export const OPCODE = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

export interface Message {
  readonly opcode: number;
  readonly data: Bytes;
}

/** The server has broken the protocol; `code` is what it is told. */
export class FrameError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** A whole message as one frame, masked as a client's must be. */
export function clientFrame(opcode: number, data: Uint8Array): Bytes {
  const extra = data.length < 126 ? 0 : data.length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(6 + extra + data.length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extra === 0 ? data.length : extra === 2 ? 126 : 127);
  if (extra === 2) view.setUint16(2, data.length);
  if (extra === 8) view.setBigUint64(2, BigInt(data.length));
  const mask = crypto.getRandomValues(frame.subarray(2 + extra, 6 + extra));
  const at = 6 + extra;
  for (let i = 0; i < data.length; i++) frame[at + i] = (data[i] as number) ^ (mask[i & 3] as number);
  return frame;
}

/** Makes messages of what a server sends. Control messages come at once, also in the middle of others. */
export class FrameReader {
  readonly #mostBytes: number;
  #rest: Bytes = new Uint8Array(0);
  #opcode: number | null = null;
  #pieces: Bytes[] = [];
  #size = 0;

  /** `mostBytes`: of a message. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** @throws FrameError */
  *push(bytes: Bytes): Generator<Message, void> {
    const all = new Uint8Array(this.#rest.length + bytes.length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    this.#rest = all;
    for (let frame = this.#next(); frame; frame = this.#next()) {
      const message = this.#take(frame.isLast, frame.opcode, frame.data);
      if (message) yield message;
    }
  }

  #next(): { isLast: boolean; opcode: number; data: Bytes } | null {
    const rest = this.#rest;
    if (rest.length < 2) return null;
    const [first = 0, second = 0] = rest;
    const opcode = first & 15;
    if ((first & 0x70) !== 0) throw new FrameError(1002, "reserved bits");
    if ((second & 0x80) !== 0) throw new FrameError(1002, "a masked frame of a server");
    let [head, size] = [2, second & 127];
    if (opcode >= 8 && (size > 125 || (first & 0x80) === 0)) throw new FrameError(1002, "a control frame in pieces");
    const view = new DataView(rest.buffer, rest.byteOffset, rest.byteLength);
    if (size === 126) {
      if (rest.length < 4) return null;
      [head, size] = [4, view.getUint16(2)];
    } else if (size === 127) {
      if (rest.length < 10) return null;
      [head, size] = [10, Number(view.getBigUint64(2))];
    }
    if (this.#size + size > this.#mostBytes) throw new FrameError(1009, "a message that is too large");
    if (rest.length < head + size) return null;
    const data = rest.slice(head, head + size);
    this.#rest = rest.subarray(head + size);
    return { isLast: (first & 0x80) !== 0, opcode, data };
  }

  #take(isLast: boolean, opcode: number, data: Bytes): Message | null {
    if (opcode >= 8) {
      if (opcode > OPCODE.PONG) throw new FrameError(1002, "an unknown frame");
      return { opcode, data };
    }
    if (opcode > OPCODE.BINARY || (opcode === OPCODE.CONTINUATION) !== (this.#opcode !== null))
      throw new FrameError(1002, "a frame out of turn");
    this.#opcode ??= opcode;
    this.#pieces.push(data);
    this.#size += data.length;
    if (!isLast) return null;
    const whole = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    const message = { opcode: this.#opcode, data: whole };
    this.#opcode = null;
    this.#pieces = [];
    this.#size = 0;
    return message;
  }
}
