import { HEADER_BYTES, PACKET } from "warmboot/wisp";
import type { Outbound, Source } from "../wisp/outbound.ts";
import { framed } from "./frames.ts";

export interface DownFlowEvents {
  /** A frame was sent; what waited is sent. */
  onSent(bytes: number): void;
  /** More is wanted. */
  onEmpty(): void;
  /** The end was sent, after everything before it. */
  onEnd(): void;
}

/** A stream's way to the client: data, as far as the client granted it, then the end. */
export class DownFlow implements Source {
  readonly #stream: number;
  readonly #outbound: Outbound;
  readonly #events: DownFlowEvents;
  readonly #queue: Buffer[] = [];
  #waitingBytes = 0;
  #credit: number;
  #end: Uint8Array | null = null;

  /** @param credit bytes that may be sent before the client grants more; `null`: no bound. */
  constructor(stream: number, outbound: Outbound, credit: number | null, events: DownFlowEvents) {
    this.#stream = stream;
    this.#outbound = outbound;
    this.#credit = credit ?? Number.POSITIVE_INFINITY;
    this.#events = events;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Takes a copy of the bytes. False: they wait, and no more is wanted until `onEmpty`. */
  push(bytes: Uint8Array): boolean {
    this.#queue.push(framed(bytes));
    this.#waitingBytes += bytes.byteLength;
    this.#outbound.offer(this);
    return this.#queue.length === 0;
  }

  grant(bytes: number): void {
    this.#credit += bytes;
    if (this.#queue.length > 0) this.#outbound.offer(this);
  }

  /** Sends the frame when all data is sent. The first call counts. */
  end(frame: Uint8Array): void {
    if (this.#end) return;
    this.#end = frame;
    this.#outbound.offer(this);
  }

  /** Forgets what waits. */
  drop(): void {
    this.#queue.length = 0;
    this.#waitingBytes = 0;
    this.#end = null;
  }

  nextFrame(): Buffer | null {
    const [first] = this.#queue;
    return first ? this.#nextData(first) : this.#nextEnd();
  }

  #nextData(first: Buffer): Buffer | null {
    const size = first.byteLength - HEADER_BYTES;
    const allowed = Math.min(size, this.#credit);
    if (allowed <= 0) return null;
    let frame = first;
    if (allowed === size) {
      this.#queue.shift();
    } else {
      // WHY the part that goes is copied, not the rest: else one byte of credit after the other would copy it all each time. The rest gets its header
      // where bytes were that have their copy.
      frame = framed(first.subarray(HEADER_BYTES, HEADER_BYTES + allowed));
      this.#queue[0] = first.subarray(allowed);
    }
    this.#credit -= allowed;
    this.#waitingBytes -= allowed;
    frame[0] = PACKET.DATA;
    frame.writeUInt32LE(this.#stream, 1);
    this.#events.onSent(allowed);
    if (this.#queue.length === 0) this.#events.onEmpty();
    return frame;
  }

  #nextEnd(): Buffer | null {
    if (!this.#end) return null;
    const frame = Buffer.from(this.#end);
    this.#end = null;
    // WHY: what follows the end must not overtake the frame, which is sent when this has returned.
    queueMicrotask(() => this.#events.onEnd());
    return frame;
  }
}
