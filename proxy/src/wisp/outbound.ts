import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { TokenBucket } from "../limits/token-bucket.ts";
import { recycle } from "../streams/frames.ts";

/** What a stream has for the client, a frame at a time. */
export interface Source {
  /** The next frame that may go now, for good; `null` when there is none. The source offers itself again when there is. */
  nextFrame(): Buffer | null;
}

/** What may be on its way to the kernel before the streams are stopped. Small: it is what a short answer waits behind. */
const HIGH_WATER_BYTES = 512 * 1024;
const LOW_WATER_BYTES = 256 * 1024;
/** A client that makes us answer and does not read the answers is not read from any more. */
const CONTROL_HIGH_WATER_BYTES = 2 * 1024 * 1024;
/** What a frame costs beside its bytes. */
const FRAME_COST = 64;

const OPTIONS = { binary: true, compress: false } as const;

/** Everything that goes to one client: control frames at once, data in turns between the streams. */
export class Outbound {
  readonly #socket: WebSocket;
  readonly #transport: Duplex;
  readonly #shaper: TokenBucket;
  readonly #onFlooded: (flooded: boolean) => void;
  readonly #turns: Source[] = [];
  readonly #offered = new Set<Source>();
  #timer: NodeJS.Timeout | null = null;
  #inFlight = 0;
  #flooded = false;
  #corked = false;
  #pumping = false;
  #closed = false;

  /**
   * @param transport what the WebSocket runs on
   * @param onFlooded told when the client leaves more answers unread than is good, and when it has read them.
   */
  constructor(socket: WebSocket, transport: Duplex, shaper: TokenBucket, onFlooded: (flooded: boolean) => void) {
    this.#socket = socket;
    this.#transport = transport;
    this.#shaper = shaper;
    this.#onFlooded = onFlooded;
  }

  /** Sends a frame that is not a stream's data. */
  control(frame: Uint8Array): void {
    this.#track(frame.byteLength, (sent) => this.#socket.send(frame, OPTIONS, sent));
  }

  /** Answers a ping. */
  pong(payload: Buffer): void {
    this.#track(payload.byteLength, (sent) => this.#socket.pong(payload, false, sent));
  }

  /** Takes the source's frames when it is its turn. */
  offer(source: Source): void {
    if (this.#closed) return;
    if (!this.#offered.has(source)) {
      this.#offered.add(source);
      this.#turns.push(source);
    }
    this.#pump();
  }

  /** Sends nothing more. */
  close(): void {
    this.#closed = true;
    this.#turns.length = 0;
    this.#offered.clear();
    if (this.#timer) clearTimeout(this.#timer);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#inFlight < HIGH_WATER_BYTES && this.#mayPass()) {
        const source = this.#turns.shift();
        if (!source) return;
        const frame = source.nextFrame();
        if (frame) {
          this.#turns.push(source);
          this.#shaper.take(frame.byteLength);
          this.#sendFrame(frame);
        } else {
          this.#offered.delete(source);
        }
      }
    } finally {
      this.#pumping = false;
    }
  }

  #mayPass(): boolean {
    if (this.#turns.length === 0 || this.#timer) return false;
    const waitMs = this.#shaper.waitMs();
    if (waitMs === 0) return true;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#pump();
    }, waitMs);
    return false;
  }

  #sendFrame(frame: Buffer): void {
    this.#track(frame.byteLength, (sent) =>
      this.#socket.send(frame, OPTIONS, () => {
        recycle(frame);
        sent();
      }),
    );
    // WHY not when the turn ends: a kernel that takes it all now leaves room for what the same turn still reads, and the streams are not stopped and
    // started for each frame.
    if (this.#inFlight >= HIGH_WATER_BYTES) this.#flush();
  }

  #track(bytes: number, send: (sent: () => void) => void): void {
    if (this.#closed) return;
    this.#cork();
    const cost = bytes + FRAME_COST;
    this.#inFlight += cost;
    send(() => {
      this.#inFlight -= cost;
      this.#setFlooded(this.#inFlight > CONTROL_HIGH_WATER_BYTES);
      if (this.#inFlight < LOW_WATER_BYTES && !this.#closed) this.#pump();
    });
    this.#setFlooded(this.#inFlight > CONTROL_HIGH_WATER_BYTES);
  }

  /** WHY: frames of one turn of the event loop leave in one system call. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#transport.cork();
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#transport.uncork();
  }

  #setFlooded(flooded: boolean): void {
    if (flooded === this.#flooded || this.#closed) return;
    this.#flooded = flooded;
    this.#onFlooded(flooded);
  }
}
