import type { WebSocket } from "ws";
import type { TokenBucket } from "../limits/token-bucket.ts";

/** What a packet that waits costs beside its bytes. */
const PACKET_COST = 4096;
/** Below it a payload is copied: else a byte could hold the 64 KiB that it was read with. */
const COPY_BELOW_BYTES = 4096;
const BACKLOG_BYTES = 1024 * 1024;

type Reason = "backlog" | "shaping" | "flooded";

/** Everything that comes from one client: when too much of it waits for slow destinations, the client is not read from. */
export class Inbound {
  readonly #socket: WebSocket;
  readonly #shaper: TokenBucket;
  readonly #maxBytes: number;
  readonly #reasons = new Set<Reason>();
  #waiting = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(socket: WebSocket, shaper: TokenBucket, maxBytes: number) {
    this.#socket = socket;
    this.#shaper = shaper;
    this.#maxBytes = maxBytes;
  }

  /** Whether the client is kept waiting for what is not its fault, so that its silence means nothing. */
  get isHeldBack(): boolean {
    return this.#reasons.has("backlog") || this.#reasons.has("shaping");
  }

  /** Counts what was received, and slows the client down when it is over its rate. */
  received(bytes: number): void {
    this.#shaper.take(bytes);
    const waitMs = this.#shaper.waitMs();
    if (waitMs === 0 || this.#timer) return;
    this.pause("shaping", true);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.pause("shaping", false);
    }, waitMs);
  }

  /** Takes bytes that have to wait: as they are to be kept until `release` is called with its length. */
  hold(bytes: Uint8Array): Uint8Array {
    this.#waiting += bytes.byteLength + PACKET_COST;
    if (this.#waiting > this.#maxBytes) this.pause("backlog", true);
    const copies =
      bytes.byteLength < COPY_BELOW_BYTES ||
      (this.#waiting > BACKLOG_BYTES && bytes.byteLength * 5 < bytes.buffer.byteLength);
    return copies ? Buffer.from(bytes) : bytes;
  }

  release(bytes: number, packets = 1): void {
    this.#waiting -= bytes + packets * PACKET_COST;
    if (this.#waiting < this.#maxBytes / 2) this.pause("backlog", false);
  }

  /** Stops or goes on reading, for a reason of its own. */
  pause(reason: Reason, paused: boolean): void {
    const before = this.#reasons.size > 0;
    if (paused) this.#reasons.add(reason);
    else this.#reasons.delete(reason);
    if (this.#reasons.size > 0 === before) return;
    if (before) this.#socket.resume();
    else this.#socket.pause();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }
}
