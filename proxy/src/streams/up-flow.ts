import type { Socket } from "node:net";
import { encodeContinue } from "warmboot/wisp";
import type { Inbound } from "../wisp/inbound.ts";
import type { Outbound } from "../wisp/outbound.ts";

/** Above it a stream's client gets no more packets to send. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** So much leaves at once: enough for few system calls, little enough that the destination works while the next comes. */
const BATCH_BYTES = 128 * 1024;

export interface UpFlowOptions {
  readonly stream: number;
  readonly inbound: Inbound;
  readonly outbound: Outbound;
  readonly windowPackets: number;
  /** So many bytes have left for the destination. */
  readonly onFlushed: (bytes: number) => void;
}

/** A stream's way to its destination: counts what waits, and tells the client how many packets it may send. */
export class UpFlow {
  readonly #options: UpFlowOptions;
  #socket: Socket | null = null;
  #early: Uint8Array[] = [];
  #waitingPackets = 0;
  #waitingBytes = 0;
  /** What the client was last told that it may send, and how much of it came. */
  #granted: number;
  #used = 0;
  #isGranting = false;
  #ended = false;
  #dropped = false;
  #corked = false;
  #batchBytes = 0;

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
    this.#used++;
    this.#waitingPackets++;
    this.#waitingBytes += kept.byteLength;
    if (this.#socket) this.#send(this.#socket, kept);
    else this.#early.push(kept);
    this.#grantWhenDue();
  }

  /** The destination is connected: what waited is sent. */
  attach(socket: Socket): void {
    this.#socket = socket;
    for (const bytes of this.#early) this.#send(socket, bytes);
    this.#early = [];
    if (this.#ended) socket.end();
  }

  /** Ends the destination's input when all is sent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#socket?.end();
  }

  /** Forgets what waits. */
  drop(): void {
    if (this.#dropped) return;
    this.#dropped = true;
    // What the socket was given is released when the socket is destroyed: each write is called back.
    for (const bytes of this.#early) this.#options.inbound.release(bytes.byteLength);
    this.#early = [];
  }

  /** WHY: packets that were received in one turn of the event loop leave in few system calls. */
  #send(socket: Socket, bytes: Uint8Array): void {
    if (!this.#corked) {
      this.#corked = true;
      socket.cork();
      setImmediate(() => {
        this.#corked = false;
        this.#batchBytes = 0;
        socket.uncork();
      });
    }
    socket.write(bytes, (error) => this.#flushed(bytes.byteLength, !error));
    this.#batchBytes += bytes.byteLength;
    if (this.#batchBytes < BATCH_BYTES) return;
    this.#batchBytes = 0;
    socket.uncork();
    socket.cork();
  }

  #flushed(bytes: number, sent: boolean): void {
    this.#options.inbound.release(bytes);
    this.#waitingPackets--;
    this.#waitingBytes -= bytes;
    if (this.#dropped || !sent) return;
    this.#options.onFlushed(bytes);
    this.#grantWhenDue();
  }

  #grantWhenDue(): void {
    if (this.#isGranting || !this.#isGrantDue()) return;
    this.#isGranting = true;
    // WHY later: the packets of one system call are told of one by one, and the first knows less than the last.
    queueMicrotask(() => {
      this.#isGranting = false;
      if (!this.#dropped && this.#isGrantDue()) this.#grant();
    });
  }

  /** WHY by halves of what was granted: a client that is told for each packet that it may send one sends them one by one. */
  #isGrantDue(): boolean {
    return (
      this.#socket !== null &&
      !this.#ended &&
      this.#used >= this.#granted / 2 &&
      this.#waitingPackets <= this.#options.windowPackets / 2 &&
      this.#waitingBytes <= HIGH_WATER_BYTES
    );
  }

  #grant(): void {
    const { windowPackets, outbound, stream } = this.#options;
    this.#granted = windowPackets - this.#waitingPackets;
    this.#used = 0;
    outbound.control(encodeContinue(stream, this.#granted));
  }
}
