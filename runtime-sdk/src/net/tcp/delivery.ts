import { ByteQueue } from "./byte-queue.ts";
import type { Peer } from "./peer.ts";

/** What the guest has sent, on its way to the other side of its connection. */
export class Delivery {
  readonly #peer: Peer;
  /** What the other side has not taken. */
  readonly #unread = new ByteQueue();
  /** The guest has sent its end, which the other side learns when it has taken what is before it. */
  #endPending = false;
  #isFinished = false;
  #isGone = false;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** Bytes that wait. */
  get size(): number {
    return this.#unread.size;
  }

  /** Nobody takes anything, or is to be told of anything, any more. */
  get isGone(): boolean {
    return this.#isGone;
  }

  push(bytes: Uint8Array): void {
    this.#unread.push(bytes);
  }

  /** The guest sends nothing more. */
  end(): void {
    this.#endPending = true;
  }

  /** Gives the other side what it takes. */
  drain(): void {
    while (this.#unread.size > 0 && !this.#isGone) {
      const piece = this.#unread.shift(this.#peer.room);
      if (!piece) break;
      this.#peer.write(piece);
    }
    if (!this.#endPending || this.#unread.size > 0) return;
    this.#endPending = false;
    if (!this.#isGone) this.#peer.end();
    this.#finishIfDone();
  }

  /** Both directions have ended: the other side is told when it has taken everything. */
  finish(): void {
    this.#isFinished = true;
    this.#finishIfDone();
  }

  /** The connection is over, other than by both ends. */
  abort(reason: Parameters<Peer["aborted"]>[0]): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#peer.aborted(reason);
  }

  /** The other side takes nothing more. */
  abandon(): void {
    this.#isGone = true;
    this.#unread.clear();
  }

  clear(): void {
    this.#unread.clear();
  }

  #finishIfDone(): void {
    if (!this.#isFinished || this.#endPending || this.#isGone) return;
    this.#isGone = true;
    this.#peer.finished();
  }
}
