import { seqAdd, seqDiff } from "./sequence.ts";

interface Early {
  readonly sequence: number;
  readonly bytes: Uint8Array;
  readonly fin: boolean;
}

/** Bytes from the guest that may wait until the other side takes them. */
export const RECEIVE_BYTES = 256 * 1024;
/** Segments that came before their turn, and bytes of them, at most. WHY bytes as well: they may overlap. */
const MAX_EARLY = 256;
const MAX_EARLY_BYTES = 2 * RECEIVE_BYTES;

/** What has come in its turn. */
export interface InOrder {
  readonly pieces: readonly Uint8Array[];
  /** The guest has nothing more to send. */
  readonly fin: boolean;
  /** It was not what was expected next: the guest is told at once what is. */
  readonly outOfOrder: boolean;
}

/** The half of a connection that receives from the guest (RFC 9293, 3.10.7.4). */
export class Receiver {
  /** The factor of our windows, as a power of 2. */
  readonly scale: number;
  #next: number;
  /** Behind the last byte that the guest may send: it never goes back. */
  #edge: number;
  /** What of it the guest has been told. */
  #told: number;
  #early: Early[] = [];
  #earlyBytes = 0;
  #isEnded = false;

  /** @param initial The guest's first sequence number; its SYN has it. */
  constructor(initial: number, scale: number, window: number) {
    this.scale = scale;
    this.#next = seqAdd(initial, 1);
    this.#edge = seqAdd(this.#next, window);
    this.#told = this.#edge;
  }

  get next(): number {
    return this.#next;
  }

  /** How much the guest may send now. */
  get window(): number {
    return Math.max(0, seqDiff(this.#edge, this.#next));
  }

  /** How much more it may send than it has been told. */
  get untold(): number {
    return Math.max(0, seqDiff(this.#edge, this.#told));
  }

  /** What of the window goes into a segment; the guest is told by it. */
  tellWindow(): number {
    const field = Math.min(this.window >> this.scale, 0xffff);
    const edge = seqAdd(this.#next, field << this.scale);
    if (seqDiff(edge, this.#told) > 0) this.#told = edge;
    return field;
  }

  /** Lets the guest send `room` bytes, if that is more than before. */
  open(room: number): void {
    const edge = seqAdd(this.#next, room & ~((1 << this.scale) - 1));
    if (seqDiff(edge, this.#edge) > 0) this.#edge = edge;
  }

  /** Whether a segment is one that the window allows (RFC 9293, 3.10.7.4, first check). */
  isAcceptable(sequence: number, length: number): boolean {
    const start = seqDiff(sequence, this.#next);
    const end = start + Math.max(length, 1) - 1;
    const { window } = this;
    if (window === 0) return length === 0 && start === 0;
    return (start >= 0 && start < window) || (length > 0 && end >= 0 && end < window);
  }

  /** Takes the bytes of an acceptable segment. The pieces are views of them. */
  take(sequence: number, bytes: Uint8Array, fin: boolean): InOrder {
    const ahead = seqDiff(sequence, this.#next);
    if (ahead > 0) {
      this.#keep({ sequence, bytes, fin });
      return { pieces: [], fin: false, outOfOrder: true };
    }
    const outOfOrder = this.#early.length > 0;
    const pieces: Uint8Array[] = [];
    let ended = this.#append(sequence, bytes, fin, pieces);
    while (!ended && this.#early[0] && seqDiff(this.#early[0].sequence, this.#next) <= 0) {
      const { sequence: at, bytes: more, fin: end } = this.#early.shift() as Early;
      this.#earlyBytes -= more.byteLength;
      ended = this.#append(at, more, end, pieces);
    }
    if (ended) this.#early = [];
    return { pieces, fin: ended, outOfOrder };
  }

  /** Adds what is new of a segment that does not begin after the next byte. Returns whether that is the end. */
  #append(sequence: number, bytes: Uint8Array, fin: boolean, pieces: Uint8Array[]): boolean {
    if (this.#isEnded) return false;
    const old = seqDiff(this.#next, sequence);
    const room = this.window;
    const fresh = bytes.subarray(Math.min(old, bytes.byteLength), old + room);
    if (fresh.byteLength > 0) {
      pieces.push(fresh);
      this.#next = seqAdd(this.#next, fresh.byteLength);
    }
    this.#isEnded = fin && seqAdd(sequence, bytes.byteLength) === this.#next;
    if (this.#isEnded) this.#next = seqAdd(this.#next, 1);
    return this.#isEnded;
  }

  #keep(early: Early): void {
    if (this.#early.length >= MAX_EARLY || this.#earlyBytes + early.bytes.byteLength > MAX_EARLY_BYTES) return;
    const at = this.#early.findIndex(({ sequence }) => seqDiff(sequence, early.sequence) >= 0);
    const same = this.#early[at];
    if (same && same.sequence === early.sequence && same.bytes.byteLength >= early.bytes.byteLength) return;
    this.#earlyBytes += early.bytes.byteLength;
    this.#early.splice(at === -1 ? this.#early.length : at, 0, early);
  }
}
