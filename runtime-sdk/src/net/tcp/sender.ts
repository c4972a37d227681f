import { ByteQueue } from "./byte-queue.ts";
import { LONGEST_TIMEOUT_MS, RoundTrip } from "./round-trip.ts";
import { seqAdd, seqDiff } from "./sequence.ts";

/** What an acknowledgment did. */
export interface Acked {
  readonly bytes: number;
  readonly syn: boolean;
  readonly fin: boolean;
}

/** A piece to send: bytes of the queue, and the end behind them. */
export interface Piece {
  readonly sequence: number;
  readonly size: number;
  readonly fin: boolean;
}

const NOTHING: Acked = { bytes: 0, syn: false, fin: false };
const DUPLICATES_FOR_LOSS = 3;
/** Retransmissions without an answer that helps, after which a connection is given up. */
const MAX_RETRIES = 9;

/**
 * The half of a connection that sends to the guest (RFC 9293, 3.8; loss as in RFC 6582). WHY no congestion window: the way to the guest is its
 * card, which says how much it takes.
 */
export class Sender {
  readonly roundTrip = new RoundTrip();
  readonly initial: number;
  /** The guest's limits: the most of one segment, and the factor of its windows. */
  mss = 536;
  scale = 0;
  /** From the oldest that is not acknowledged on. */
  readonly #queue = new ByteQueue();
  /** Oldest that is not acknowledged; next to send; behind the last that was ever sent. */
  #una: number;
  #nxt: number;
  #max: number;
  #hasWindow = false;
  #window = 0;
  #largestWindow = 0;
  /** Segment that the window was taken from: RFC 9293's SND.WL1 and WL2. */
  #windowSequence = 0;
  #windowAck = 0;
  #isSynAcked = false;
  #fin: "none" | "queued" | "acked" = "none";
  #duplicates = 0;
  /** What was sent before this is being repaired. */
  #recover: number | null = null;
  #isLost = false;
  #timed: { readonly sequence: number; readonly at: number } | null = null;
  #deadline: number | null = null;
  #retries = 0;
  /** How often the guest was asked for a window. WHY not by the round trip's own back-off: a guest that does not read says nothing about the way to it. */
  #probes = 0;

  constructor(initial: number) {
    this.initial = initial;
    this.#una = initial;
    this.#nxt = seqAdd(initial, 1);
    this.#max = this.#nxt;
  }

  /** Behind the last that was ever sent. WHY not `#nxt`, which goes back after a loss: what is before the guest's own next number it takes for old. */
  get next(): number {
    return this.#max;
  }

  /** Bytes that the guest has not acknowledged, sent or not. */
  get queued(): number {
    return this.#queue.size;
  }

  /** When something is to be sent again, or the guest's window asked for; `null`: never. */
  get deadline(): number | null {
    return this.#deadline;
  }

  push(bytes: Uint8Array): void {
    if (this.#fin === "none") this.#queue.push(bytes);
  }

  /** After what is queued there is nothing more. */
  end(): void {
    if (this.#fin === "none") this.#fin = "queued";
  }

  /** A SYN was sent. */
  startSyn(now: number): void {
    // Karn's algorithm: only what is sent for the first time is measured.
    if (this.#retries === 0) this.#timed ??= { sequence: this.#max, at: now };
    this.#arm(now);
  }

  /** Whether an acknowledgment is of something that was sent. */
  isAcceptable(ack: number): boolean {
    return seqDiff(ack, this.#max) <= 0;
  }

  /** Takes the window of a segment, unless that is older than the last. Returns whether it changed. */
  takeWindow(sequence: number, ack: number, window: number, now: number): boolean {
    // It is there, and takes nothing.
    if (window === 0) this.#retries = 0;
    const newer = seqDiff(sequence, this.#windowSequence);
    const isOld = newer < 0 || (newer === 0 && seqDiff(ack, this.#windowAck) < 0);
    if (this.#hasWindow && isOld) return false;
    this.#hasWindow = true;
    const before = this.#window;
    this.#window = window;
    this.#largestWindow = Math.max(this.#largestWindow, window);
    this.#windowSequence = sequence;
    this.#windowAck = ack;
    if (before === 0 && window > 0 && this.#isSynAcked) {
      // What was sent as a probe was probably not taken.
      this.#nxt = this.#una;
      this.#probes = 0;
      if (this.#deadline !== null) this.#arm(now);
    }
    return before !== window;
  }

  /** Takes an acknowledgment. `isPlain`: the segment has nothing else. */
  take(ack: number, isPlain: boolean, now: number): Acked {
    const count = seqDiff(ack, this.#una);
    if (count <= 0) {
      // A window of zero is why a probe is not taken.
      const isDuplicate = count === 0 && isPlain && this.#outstanding > 0 && this.#window > 0;
      if (isDuplicate && ++this.#duplicates === DUPLICATES_FOR_LOSS) {
        this.#isLost = this.#recover === null;
        this.#recover ??= this.#max;
      }
      return NOTHING;
    }
    this.#retries = 0;
    const syn = !this.#isSynAcked;
    this.#isSynAcked = true;
    const bytes = Math.min(count - Number(syn), this.#queue.size);
    const fin = this.#fin === "queued" && count - Number(syn) > bytes;
    if (fin) this.#fin = "acked";
    this.#queue.drop(bytes);
    this.#una = ack;
    if (seqDiff(this.#nxt, ack) < 0) this.#nxt = ack;
    this.#duplicates = 0;
    if (this.#recover !== null && seqDiff(ack, this.#recover) >= 0) this.#recover = null;
    this.#isLost = this.#recover !== null;
    this.#measure(ack, now);
    if (seqDiff(this.#max, ack) > 0) this.#arm(now);
    else this.#deadline = null;
    return { bytes, syn, fin };
  }

  /** The piece that is known to be lost, once. */
  takeLost(): Piece | null {
    if (!this.#isLost) return null;
    this.#isLost = false;
    this.#timed = null;
    const outstanding = this.#outstanding;
    const piece = this.#pieceAt(this.#una, Math.min(this.mss, this.#window, outstanding));
    // Nothing is sent here for the first time.
    return { ...piece, fin: piece.fin && piece.size < outstanding };
  }

  /** The next piece that the guest's window allows, at most `limit` bytes; it counts as sent. */
  takeNext(limit: number, now: number): Piece | null {
    if (!this.#isSynAcked || this.#fin === "acked") return null;
    const offset = this.#outstanding;
    const unsent = this.#queue.size - offset;
    const usable = Math.max(0, this.#window - offset);
    const size = Math.min(unsent, usable, limit);
    // RFC 9293, 3.8.6.2.1: no small pieces because of a small window.
    const isSilly = size < unsent && size < this.mss && size < this.#largestWindow / 2;
    const fin = this.#fin === "queued" && size === unsent;
    if (size < 0 || (size === 0 && !fin) || isSilly) {
      // What waits for a window asks for it in time.
      if (unsent > 0 && this.#deadline === null) this.#arm(now);
      return null;
    }
    return this.#sent({ sequence: this.#nxt, size, fin }, now);
  }

  /** The time has come: what is to be sent; `"dead"`: the guest answers no more; `null`: nothing. */
  expire(now: number): Piece | "syn" | "dead" | null {
    if (++this.#retries > MAX_RETRIES) return "dead";
    if (this.#isSynAcked && (this.#window === 0 || this.#outstanding === 0)) this.#probes++;
    else this.roundTrip.backOff();
    this.#timed = null;
    this.#recover = null;
    this.#isLost = false;
    this.#duplicates = 0;
    this.#arm(now);
    if (!this.#isSynAcked) return "syn";
    const piece = this.#pieceAt(this.#una, Math.min(this.mss, Math.max(this.#window, 1)));
    if (piece.size === 0 && !piece.fin) {
      this.#deadline = null;
      return null;
    }
    // All that was sent after it is taken for lost.
    this.#nxt = this.#una;
    return this.#sent(piece, now);
  }

  /** Copies a piece's bytes. */
  copy({ sequence, size }: Piece, target: Uint8Array, at: number): void {
    this.#queue.copy(seqDiff(sequence, this.#una), size, target, at);
  }

  get #outstanding(): number {
    return seqDiff(this.#nxt, this.#una);
  }

  #sent(piece: Piece, now: number): Piece {
    this.#nxt = seqAdd(piece.sequence, piece.size + Number(piece.fin));
    if (seqDiff(this.#nxt, this.#max) > 0) {
      // Karn's algorithm again.
      if (this.#max === piece.sequence) this.#timed ??= { sequence: this.#nxt, at: now };
      this.#max = this.#nxt;
    }
    if (this.#deadline === null) this.#arm(now);
    return piece;
  }

  #pieceAt(sequence: number, limit: number): Piece {
    const left = Math.max(0, this.#queue.size - seqDiff(sequence, this.#una));
    const size = Math.min(left, limit);
    return { sequence, size, fin: this.#fin === "queued" && size === left };
  }

  #measure(ack: number, now: number): void {
    if (!this.#timed || seqDiff(ack, this.#timed.sequence) < 0) return;
    this.roundTrip.measured(now - this.#timed.at);
    this.#timed = null;
  }

  #arm(now: number): void {
    this.#deadline = now + Math.min(this.roundTrip.timeoutMs * 2 ** this.#probes, LONGEST_TIMEOUT_MS);
  }
}
