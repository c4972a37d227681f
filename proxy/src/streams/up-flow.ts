import type { Socket } from "node:net";
import { encodeContinue } from "warmboot/wisp";
import type { Inbound } from "../wisp/inbound.ts";
import type { Outbound } from "../wisp/outbound.ts";

/** Above it a stream's client gets no more packets to send. */
const HIGH_WATER_BYTES = 1024 * 1024;
/**
 * So much is written at once. WHY not all that waits: a write is done when its last byte is taken, and only then is the client told to go on; with one
 * large write client, relay and destination work by turns.
 */
const BATCH_BYTES = 256 * 1024;

export interface UpFlowOptions {
  readonly stream: number;
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  readonly windowPackets: number;
  /** So many bytes have left for the destination. */
  readonly onFlushed: (bytes: number) => void;
}

/** A stream's way to its destination: writes what came in batches, and tells the client how many packets it may send. */
export class UpFlow {
  readonly #options: UpFlowOptions;
  #socket: Socket | null = null;
  /** What the socket was not given yet. */
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  /** Also what is being written. */
  #waitingPackets = 0;
  #waitingBytes = 0;
  /** What the client was last told that it may send, and how much of it came. */
  #granted: number;
  #used = 0;
  #isWriting = false;
  #isScheduled = false;
  #ended = false;
  #dropped = false;

  constructor(options: UpFlowOptions) {
    this.#options = options;
    this.#granted = options.windowPackets;
  }

  get isEmpty(): boolean {
    return this.#waitingPackets === 0;
  }

  /** Whether the client has sent its end. */
  get isEnded(): boolean {
    return this.#ended;
  }

  write(bytes: Uint8Array): void {
    if (this.#ended || this.#dropped) return;
    const kept = this.#options.inbound.hold(bytes);
    this.#queue.push(kept);
    this.#queuedBytes += kept.byteLength;
    this.#waitingBytes += kept.byteLength;
    this.#waitingPackets++;
    this.#used++;
    if (this.#queuedBytes >= BATCH_BYTES) this.#writeBatch();
    else this.#schedule();
    this.#grantWhenDue();
  }

  /** The destination is connected: what waited is sent. */
  attach(socket: Socket): void {
    this.#socket = socket;
    this.#writeBatch();
  }

  /** Ends the destination's input when all is sent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#writeBatch();
  }

  /** Forgets what waits. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    // What the socket was given is released when the socket is destroyed: each write is called back.
    this.#options.inbound.release(this.#queuedBytes, this.#queue.length);
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  /** WHY: packets that were received in one turn of the event loop leave in one system call. */
  #schedule(): void {
    if (this.#isScheduled || this.#isWriting || !this.#socket) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#writeBatch();
    });
  }

  #writeBatch(): void {
    const socket = this.#socket;
    if (!socket || this.#isWriting || this.#dropped) return;
    const { packets, bytes } = this.#nextBatch();
    const last = packets.pop();
    if (!last) {
      if (this.#ended) socket.end();
      return;
    }
    this.#isWriting = true;
    socket.cork();
    for (const packet of packets) socket.write(packet);
    socket.write(last, (error) => this.#written(bytes, packets.length + 1, !error));
    socket.uncork();
  }

  #nextBatch(): { packets: Uint8Array[]; bytes: number } {
    let [count, bytes] = [0, 0];
    for (; bytes < BATCH_BYTES && count < this.#queue.length; count++) bytes += this.#queue[count]?.byteLength ?? 0;
    this.#queuedBytes -= bytes;
    if (count < this.#queue.length) return { packets: this.#queue.splice(0, count), bytes };
    const packets = this.#queue;
    this.#queue = [];
    return { packets, bytes };
  }

  #written(bytes: number, packets: number, sent: boolean): void {
    this.#isWriting = false;
    this.#options.inbound.release(bytes, packets);
    this.#waitingPackets -= packets;
    this.#waitingBytes -= bytes;
    if (this.#dropped || !sent) return;
    this.#options.onFlushed(bytes);
    this.#writeBatch();
    this.#grantWhenDue();
  }

  /** WHY by halves of what was granted: a client that is told for each packet that it may send one sends them one by one. */
  #grantWhenDue(): void {
    const { windowPackets, outbound, stream } = this.#options;
    if (this.#ended || !this.#socket || this.#used < this.#granted / 2) return;
    if (this.#waitingPackets > windowPackets / 2 || this.#waitingBytes > HIGH_WATER_BYTES) return;
    this.#granted = windowPackets - this.#waitingPackets;
    this.#used = 0;
    outbound.control(encodeContinue(stream, this.#granted));
  }
}
