import {
  decodeFrame,
  type Extensions,
  encodeClose,
  encodeConnect,
  encodeContinue,
  encodeData,
  encodeInfo,
  SUBPROTOCOL_V2,
  VERSION,
} from "warmboot/wisp";
import { type ClientOptions, WebSocket } from "ws";

/** One stream as a client of the tests sees it. */
export class TestStream {
  readonly id: number;
  readonly closed: Promise<number>;
  readonly opened: Promise<void>;
  readonly chunks: Buffer[] = [];
  received = 0;
  /** Packets that may be sent. */
  window: number;
  reason: number | null = null;
  /** Calls when something has come. */
  onData: (bytes: Buffer) => void = (bytes) => this.chunks.push(bytes);
  readonly #client: TestClient;
  #resolveClosed: (reason: number) => void = () => {};
  #resolveOpened: () => void = () => {};
  readonly #watchers = new Set<() => void>();

  constructor(client: TestClient, id: number, window: number) {
    this.#client = client;
    this.id = id;
    this.window = window;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    this.opened = new Promise((resolve) => {
      this.#resolveOpened = resolve;
    });
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  send(bytes: Uint8Array | string): void {
    this.window--;
    this.#client.send(encodeData(this.id, typeof bytes === "string" ? Buffer.from(bytes) : bytes));
  }

  close(reason = 2): void {
    this.#client.send(encodeClose(this.id, reason));
  }

  grant(bytes: number): void {
    this.#client.send(encodeContinue(this.id, bytes));
  }

  /** Waits until `done` holds; it is looked at whenever something came. */
  until(done: (stream: TestStream) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!done(this) && this.reason === null) return;
        this.#watchers.delete(look);
        if (done(this)) resolve();
        else reject(new Error(`the stream was closed with 0x${this.reason?.toString(16)}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  take(bytes: Buffer): void {
    this.received += bytes.byteLength;
    this.onData(bytes);
    this.#look();
  }

  continued(packets: number): void {
    this.window = packets;
    this.#resolveOpened();
    this.#look();
  }

  end(reason: number): void {
    this.reason = reason;
    this.#resolveClosed(reason);
    this.#look();
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

export interface TestClientOptions {
  readonly version?: 1 | 2;
  readonly extensions?: Extensions;
  readonly ws?: ClientOptions;
}

/** A client that does what a test says, right or wrong. */
export class TestClient {
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  /** What the relay offered. */
  offered: Extensions = new Map();
  window = 0;
  readonly streams = new Map<number, TestStream>();
  /** Frames for ids that are not open. */
  readonly strays: { type: string; stream: number }[] = [];
  /** The stream that a CLOSE which nobody waits for was about, in their order. */
  #next = 1;
  readonly #extensions: Extensions;
  #ready: () => void = () => {};

  private constructor(socket: WebSocket, extensions: Extensions) {
    this.socket = socket;
    this.#extensions = extensions;
    this.closed = new Promise((resolve) => {
      socket.once("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
    socket.on("error", () => {});
    socket.on("message", (data) => this.#onMessage(data as Buffer));
  }

  /** Connects and shakes hands. @throws Error when it is refused */
  static async open(url: string, { version = 2, extensions = new Map(), ws = {} }: TestClientOptions = {}) {
    const socket = new WebSocket(url, version === 2 ? [SUBPROTOCOL_V2] : [], ws);
    const client = new TestClient(socket, extensions);
    const ready = new Promise<void>((resolve) => {
      client.#ready = resolve;
    });
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    await Promise.race([ready, client.closed]);
    return client;
  }

  connect(host: string, port: number, type = 1): TestStream {
    const id = this.#next++;
    const stream = this.expect(id);
    this.send(encodeConnect(id, host, port, type));
    return stream;
  }

  /** A stream that the test opens by bytes of its own. */
  expect(id: number): TestStream {
    const stream = new TestStream(this, id, this.window);
    this.streams.set(id, stream);
    return stream;
  }

  send(bytes: Uint8Array): void {
    this.socket.send(bytes);
  }

  async close(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  #onMessage(data: Buffer): void {
    const frame = decodeFrame(data);
    if (frame.type === "info") {
      this.offered = frame.extensions;
      this.send(encodeInfo(VERSION, this.#extensions));
      return;
    }
    if (frame.stream === 0) {
      if (frame.type === "continue") this.window = frame.amount;
      this.#ready();
      return;
    }
    const stream = this.streams.get(frame.stream);
    if (!stream || stream.reason !== null) this.strays.push({ type: frame.type, stream: frame.stream });
    else if (frame.type === "data")
      stream.take(Buffer.from(frame.bytes.buffer, frame.bytes.byteOffset, frame.bytes.byteLength));
    else if (frame.type === "continue") stream.continued(frame.amount);
    else if (frame.type === "close") stream.end(frame.reason);
  }
}
