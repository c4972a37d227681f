import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { V86 } from "v86";
import { WebSocket } from "ws";

const wasm = createRequire(import.meta.url).resolve("v86/build/v86.wasm");
const ROUTER_MAC = [0x52, 0x54, 0, 1, 2, 3];
const GUEST_MAC = [0x00, 0x22, 0x15, 1, 2, 3];
const GUEST_ADDRESS = [192, 168, 86, 100];
const FLAG = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 } as const;
const HEADERS_BYTES = 14 + 20 + 20;

/** The part of v86's network adapter that is used. */
interface Adapter {
  send(frame: Uint8Array): void;
  receive(frame: Uint8Array): void;
  wispws?: WebSocket;
  connections?: Record<number, unknown>;
}

/** v86 without a guest: its own network adapter, fed with the Ethernet frames that a guest's TCP would send. */
export class V86Guest {
  readonly #emulator: V86;
  readonly #adapter: Adapter;
  readonly #connections = new Map<number, GuestConnection>();

  private constructor(emulator: V86, adapter: Adapter) {
    this.#emulator = emulator;
    this.#adapter = adapter;
    adapter.receive = (frame) => this.#receive(Buffer.from(frame));
  }

  /** @param relay `wisp://…/` */
  static async start(relay: string): Promise<V86Guest> {
    // v86 takes the browser's; Node 20 has none.
    Object.assign(globalThis, { WebSocket });
    const emulator = new V86({
      wasm_path: fileURLToPath(new URL(`file://${wasm}`)),
      memory_size: 16 * 2 ** 20,
      autostart: false,
      net_device: { type: "virtio", relay_url: relay },
    });
    await new Promise<void>((resolve) => emulator.add_listener("emulator-loaded", () => resolve()));
    const { network_adapter: adapter } = emulator as unknown as { network_adapter: Adapter };
    const guest = new V86Guest(emulator, adapter);
    const socket = adapter.wispws;
    if (!socket) throw new Error("v86 has no connection to a relay");
    // WHY: a CONNECT before the relay's first CONTINUE hangs for ever in v86.
    await once(socket, "message");
    return guest;
  }

  /** Connects as a guest would. */
  async connect(address: string, port: number): Promise<GuestConnection> {
    const connection = new GuestConnection((frame) => this.#adapter.send(frame), address, port);
    this.#connections.set(connection.localPort, connection);
    connection.open();
    await connection.until(() => connection.isOpen);
    return connection;
  }

  async stop(): Promise<void> {
    this.#adapter.wispws?.removeAllListeners("close");
    if (this.#adapter.wispws) this.#adapter.wispws.onclose = null;
    this.#adapter.wispws?.terminate();
    await this.#emulator.destroy();
  }

  #receive(frame: Buffer): void {
    const isTcp = frame.readUInt16BE(12) === 0x0800 && frame[23] === 6;
    if (isTcp) this.#connections.get(frame.readUInt16BE(36))?.take(frame);
  }
}

/** The guest's end of a TCP connection, on a link that loses nothing. */
export class GuestConnection {
  readonly localPort = randomInt(20_000, 60_000);
  readonly chunks: Buffer[] = [];
  isOpen = false;
  /** The other end has sent FIN. */
  isEnded = false;
  isReset = false;
  readonly #send: (frame: Uint8Array) => void;
  readonly #address: readonly number[];
  readonly #port: number;
  #sequence = randomInt(2 ** 31);
  #expected = 0;
  /** The other end's acknowledgement. */
  #acknowledged = 0;
  readonly #watchers = new Set<() => void>();

  constructor(send: (frame: Uint8Array) => void, address: string, port: number) {
    this.#send = send;
    this.#address = address.split(".").map(Number);
    this.#port = port;
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  open(): void {
    this.#segment(FLAG.SYN);
    this.#sequence++;
  }

  /** Sends, and waits until the other end has it. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.byteLength; at += 1460) {
      const part = bytes.subarray(at, at + 1460);
      this.#segment(FLAG.ACK | FLAG.PSH, part);
      this.#sequence = (this.#sequence + part.byteLength) >>> 0;
      await this.until(() => this.#acknowledged === this.#sequence);
    }
  }

  end(): void {
    this.#segment(FLAG.FIN | FLAG.ACK);
    this.#sequence++;
  }

  until(done: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!done()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }

  take(frame: Buffer): void {
    const tcp = 14 + ((frame[14] ?? 0) & 15) * 4;
    const flags = frame[tcp + 13] ?? 0;
    const end = 14 + frame.readUInt16BE(16);
    const data = frame.subarray(tcp + ((frame[tcp + 12] ?? 0) >> 4) * 4, end);
    const sequence = frame.readUInt32BE(tcp + 4);
    if (flags & FLAG.ACK) this.#acknowledged = frame.readUInt32BE(tcp + 8);
    if (flags & FLAG.RST) this.isReset = true;
    if (flags & FLAG.SYN) {
      this.#expected = (sequence + 1) >>> 0;
      this.isOpen = true;
      this.#segment(FLAG.ACK);
    } else if (sequence === this.#expected && (data.byteLength > 0 || flags & FLAG.FIN)) {
      this.chunks.push(Buffer.from(data));
      this.#expected = (sequence + data.byteLength + (flags & FLAG.FIN)) >>> 0;
      if (flags & FLAG.FIN) this.isEnded = true;
      // v86 sends the next segment from within this call: not before it is done with this one.
      queueMicrotask(() => this.#segment(FLAG.ACK));
    }
    for (const watcher of this.#watchers) watcher();
  }

  #segment(flags: number, data: Uint8Array = new Uint8Array(0)): void {
    const frame = Buffer.alloc(HEADERS_BYTES + data.byteLength);
    frame.set([...ROUTER_MAC, ...GUEST_MAC, 0x08, 0x00]);
    frame.set([0x45, 0], 14);
    frame.writeUInt16BE(40 + data.byteLength, 16);
    frame.set([64, 6], 22);
    frame.set([...GUEST_ADDRESS, ...this.#address], 26);
    frame.writeUInt16BE(this.localPort, 34);
    frame.writeUInt16BE(this.#port, 36);
    frame.writeUInt32BE(this.#sequence >>> 0, 38);
    frame.writeUInt32BE(this.#expected, 42);
    frame.set([0x50, flags], 46);
    frame.writeUInt16BE(65_535, 48);
    frame.set(data, HEADERS_BYTES);
    this.#send(frame);
  }
}
