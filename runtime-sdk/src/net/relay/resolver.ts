import { getU16, setU16 } from "../packet/packet.ts";
import { CLOSE_REASON, RESOLVER_HOST, RESOLVER_PORT } from "../wisp/index.ts";
import type { WispConnection } from "./wisp-connection.ts";
import type { WispStream } from "./wisp-stream.ts";

const TIMEOUT_MS = 8000;
const MAX_PENDING = 512;

interface Pending {
  readonly id: number;
  resolve(message: Uint8Array): void;
  reject(error: Error): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Asks the relay's resolver: DNS over one stream (RFC 7766), many questions at once. */
export class RelayResolver {
  readonly #connection: WispConnection;
  readonly #pending = new Map<number, Pending>();
  #stream: WispStream | null = null;
  #buffer = new Uint8Array(0);
  #nextId = 0;

  constructor(connection: WispConnection) {
    this.#connection = connection;
  }

  /** Rejects when there is no answer. */
  resolve(query: Uint8Array): Promise<Uint8Array> {
    if (this.#pending.size >= MAX_PENDING) return Promise.reject(new Error("too many questions"));
    const stream = this.#open();
    if (!stream) return Promise.reject(new Error("the relay is gone"));
    const own = this.#freeId();
    const framed = new Uint8Array(2 + query.byteLength);
    setU16(framed, 0, query.byteLength);
    framed.set(query, 2);
    setU16(framed, 2, own);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#settle(own)?.reject(new Error("no answer")), TIMEOUT_MS);
      this.#pending.set(own, { id: getU16(query, 0), resolve, reject, timer });
      stream.write(framed);
    });
  }

  #open(): WispStream | null {
    this.#stream ??= this.#connection.open(RESOLVER_HOST, RESOLVER_PORT, true, {
      connected: () => {},
      data: (bytes) => this.#receive(bytes),
      ended: () => this.#over(),
      closed: () => this.#over(),
      drained: () => {},
    });
    return this.#stream;
  }

  #receive(bytes: Uint8Array): void {
    this.#stream?.taken(bytes.byteLength);
    const all = new Uint8Array(this.#buffer.byteLength + bytes.byteLength);
    all.set(this.#buffer);
    all.set(bytes, this.#buffer.byteLength);
    let at = 0;
    while (all.byteLength - at >= 2) {
      const length = getU16(all, at);
      if (all.byteLength - at - 2 < length) break;
      const message = all.slice(at + 2, at + 2 + length);
      at += 2 + length;
      if (length < 12) continue;
      const pending = this.#settle(getU16(message, 0));
      if (pending) setU16(message, 0, pending.id);
      pending?.resolve(message);
    }
    // At most one message that is not whole, which has at most 64 KiB.
    this.#buffer = all.slice(at);
  }

  #over(): void {
    const stream = this.#stream;
    this.#stream = null;
    this.#buffer = new Uint8Array(0);
    stream?.close(CLOSE_REASON.VOLUNTARY);
    for (const id of [...this.#pending.keys()]) this.#settle(id)?.reject(new Error("the relay's resolver is gone"));
  }

  #settle(id: number): Pending | null {
    const pending = this.#pending.get(id) ?? null;
    this.#pending.delete(id);
    if (pending) clearTimeout(pending.timer);
    return pending;
  }

  #freeId(): number {
    do this.#nextId = (this.#nextId + 1) & 0xffff;
    while (this.#pending.has(this.#nextId));
    return this.#nextId;
  }
}
