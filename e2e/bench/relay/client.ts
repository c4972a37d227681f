import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { encodeClose, encodeConnect, encodeData, PACKET } from "warmboot/wisp";
import { FrameReader } from "./frame-reader.ts";

/** What a stream of the benchmark is told. */
export interface StreamEvents {
  onData(bytes: number): void;
  /** It may send so many packets. */
  onWindow?(packets: number): void;
}

export const READ_BYTES = 256 * 1024;
const MASK = Buffer.from([0x12, 0x34, 0x56, 0x78]);

/** A WISP client, version 1, on a socket of its own, that costs as little as it can: the relay is what is measured. */
export class BenchClient {
  readonly socket: Socket;
  readonly #streams = new Map<number, StreamEvents>();
  #next = 1;
  /** Packets that a new stream may send. */
  window = 0;

  private constructor(url: URL, ready: (client: BenchClient) => void) {
    const reader = new FrameReader((type, stream, value, size) => this.#onFrame(type, stream, value, size, ready));
    let isUpgraded = false;
    const receive = (bytes: Buffer) => {
      if (isUpgraded) return reader.push(bytes);
      const end = bytes.indexOf("\r\n\r\n");
      if (end < 0 || !bytes.toString("latin1").startsWith("HTTP/1.1 101 ")) throw new Error(`no upgrade: ${bytes}`);
      isUpgraded = true;
      reader.push(bytes.subarray(end + 4));
    };
    this.socket = connect({
      host: url.hostname,
      port: Number(url.port),
      noDelay: true,
      // WHY: one buffer for all reads, or the client would cost more than the relay.
      onread: {
        buffer: Buffer.alloc(READ_BYTES),
        callback: (size, buffer) => {
          receive(Buffer.from(buffer.buffer, buffer.byteOffset, size));
          return true;
        },
      },
    });
    const headers = [
      `GET ${url.pathname} HTTP/1.1`,
      `Host: ${url.host}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${Buffer.alloc(16).toString("base64")}`,
    ];
    this.socket.write(`${headers.join("\r\n")}\r\n\r\n`);
  }

  static open(url: string): Promise<BenchClient> {
    return new Promise((resolve) => new BenchClient(new URL(url), resolve));
  }

  open(port: number, events: StreamEvents): number {
    const id = this.#next++;
    this.#streams.set(id, events);
    this.socket.write(masked(encodeConnect(id, "127.0.0.1", port)));
    return id;
  }

  send(id: number, bytes: Uint8Array): void {
    this.socket.write(packet(id, bytes));
  }

  /** Sends a packet that was made before. */
  sendPacket(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  closeStream(id: number): void {
    this.#streams.delete(id);
    this.socket.write(masked(encodeClose(id, 2)));
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await once(this.socket, "close");
  }

  #onFrame(type: number, id: number, value: number, size: number, ready: (client: BenchClient) => void): void {
    if (type === PACKET.DATA) this.#streams.get(id)?.onData(size);
    else if (type === PACKET.CONTINUE && id === 0) {
      this.window = value;
      ready(this);
    } else if (type === PACKET.CONTINUE) this.#streams.get(id)?.onWindow?.(value);
    else if (type === PACKET.CLOSE && this.#streams.has(id)) throw new Error(`stream ${id} was closed: ${value}`);
  }
}

/** DATA as it is on the wire: made once, sent often, so that masking it is not what is measured. */
export const packet = (id: number, bytes: Uint8Array): Buffer => masked(encodeData(id, bytes));

/** A WebSocket message as a browser sends it. */
function masked(payload: Uint8Array): Buffer {
  const size = payload.byteLength;
  const header = size < 126 ? Buffer.from([0x82, 0x80 | size]) : Buffer.from([0x82, 0xfe, size >> 8, size & 255]);
  const body = Buffer.from(payload);
  for (let i = 0; i < size; i++) body[i] = (body[i] ?? 0) ^ (MASK[i & 3] ?? 0);
  return Buffer.concat([header, MASK, body]);
}
