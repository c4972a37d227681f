import type { Route } from "../packet/ipv4.ts";
import { FLAG, MAX_TCP_PAYLOAD, type Segment } from "../packet/tcp-segment.ts";
import { ByteQueue } from "./byte-queue.ts";
import type { Ends, Peer, Surroundings } from "./peer.ts";
import { Receiver } from "./receiver.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { type Piece, Sender } from "./sender.ts";
import { seqAdd, seqDiff } from "./sequence.ts";
import { receives, type TcpEvent, type TcpState, transition } from "./state.ts";

/** Bytes from the guest that may wait until the other side takes them. */
export const RECEIVE_BYTES = 256 * 1024;
const SCALE = 4;
const TIME_WAIT_MS = 10_000;
/** How long the guest may keep its side open when nobody is on the other any more (Linux's tcp_fin_timeout). */
const ORPHAN_MS = 60_000;
/** Linux sends a SYN again for 127 s. */
const SYN_GIVEN_UP_MS = 130_000;
const KEEP_ALIVE_MS = 10 * 60_000;
const KEEP_ALIVE_PROBES = 5;
const KEEP_ALIVE_STEP_MS = 30_000;

/** One TCP connection of the guest, ended here (RFC 9293). */
export class Connection {
  readonly ends: Ends;
  readonly #around: Surroundings;
  readonly #writer: SegmentWriter;
  readonly #peer: Peer;
  readonly #sender: Sender;
  #receiver: Receiver;
  readonly #scales: boolean;
  /** Bytes from the guest that the other side has not taken. */
  readonly #unread = new ByteQueue();
  #state: TcpState;
  /** The guest has sent its end, which the other side learns when it has taken what is before it. */
  #endPending = false;
  #resetPending = false;
  #peerGone = false;
  /** Both directions have ended. */
  #isFinished = false;
  #ackWanted = false;
  #heardAt: number;
  #probes = 0;
  /** When `time-wait`, or waiting for an end that nobody wants, is over. */
  #until: number | null = null;

  /** A connection that the guest opens, by `syn`; it is answered by `accept`. */
  static fromGuest(around: Surroundings, route: Route, syn: Segment, initial: number, peer: Peer): Connection {
    const ends = { guest: syn.sourcePort, remote: syn.destinationPort };
    return new Connection(around, route, ends, initial, peer, syn);
  }

  /** A connection to the guest. */
  static toGuest(around: Surroundings, route: Route, ends: Ends, initial: number, peer: Peer): Connection {
    const connection = new Connection(around, route, ends, initial, peer, null);
    connection.#sendSyn();
    return connection;
  }

  private constructor(
    around: Surroundings,
    route: Route,
    ends: Ends,
    initial: number,
    peer: Peer,
    syn: Segment | null,
  ) {
    this.#around = around;
    this.#writer = new SegmentWriter(around, route, ends);
    this.ends = ends;
    this.#peer = peer;
    this.#sender = new Sender(initial);
    this.#scales = syn === null || syn.windowScale !== null;
    this.#receiver = this.#makeReceiver(syn);
    this.#state = syn ? "opening" : "syn-sent";
    this.#heardAt = around.now();
  }

  get state(): TcpState {
    return this.#state;
  }

  /** Bytes for the guest that it has not taken. */
  get queued(): number {
    return this.#sender.queued;
  }

  /** Bytes from the guest that the other side has not taken. */
  get unread(): number {
    return this.#unread.size;
  }

  /** The next sequence number to the guest. */
  get next(): number {
    return this.#sender.next;
  }

  /** Whether a SYN may begin a new connection in the place of this one (RFC 9293, 3.10.7.4, fourth check). */
  givesWayTo({ flags, sequence }: Segment): boolean {
    const isNew = (flags & (FLAG.SYN | FLAG.ACK)) === FLAG.SYN && seqDiff(sequence, this.#receiver.next) > 0;
    return this.isClosed || (this.#state === "time-wait" && isNew);
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** The other side is connected: answers the guest's SYN. */
  accept(): void {
    if (this.#state !== "opening") return;
    this.#enter("accepted");
    this.#sendSyn();
  }

  /** Leaves the guest's SYN unanswered, until the guest has given up as well. */
  ignore(): void {
    this.#until = this.#around.now() + SYN_GIVEN_UP_MS;
  }

  /** Bytes for the guest, in order. They are kept until it has taken them. */
  write(bytes: Uint8Array): void {
    this.#sender.push(bytes);
    this.#around.wake(this);
  }

  /** The other side sends nothing more. `isGone`: it takes nothing more either. */
  end(isGone: boolean): void {
    this.#peerGone ||= isGone;
    if (isGone) this.#unread.clear();
    this.#sender.end();
    this.#around.wake(this);
  }

  /** The other side was lost: the guest gets what is there, then a reset. */
  fail(): void {
    this.#peerGone = true;
    this.#unread.clear();
    if (this.#sender.queued === 0 || this.#state === "opening") this.reset();
    else this.#resetPending = true;
  }

  /** Ends the connection at once, and tells the guest. */
  reset(): void {
    if (this.isClosed) return;
    if (this.#state === "opening") this.#send(FLAG.RST | FLAG.ACK, 0);
    else if (this.#state !== "time-wait") this.#send(FLAG.RST | FLAG.ACK, this.#sender.next);
    this.forget();
  }

  /** Ends the connection without a word to anybody. */
  forget(): void {
    this.#enter("ended");
    this.#unread.clear();
  }

  /** The other side has room again. */
  resume(): void {
    this.#drain();
    this.#around.wake(this);
  }

  /** Takes a segment of the guest. */
  receive(segment: Segment): void {
    if (this.#state === "opening") this.#receiveOpening(segment);
    else if (this.#state === "syn-sent") this.#receiveSynSent(segment);
    else if (!this.isClosed) this.#receiveOpen(segment);
    this.#around.wake(this);
  }

  /** Sends what can be sent; `true`: there is more, when the guest's card has room. */
  flush(): boolean {
    if (this.isClosed || this.#state === "opening" || this.#state === "syn-sent") return false;
    const lost = this.#sender.takeLost();
    if (lost) this.#sendPiece(lost);
    const { segmentation } = this.#around.offload();
    const limit = segmentation ? MAX_TCP_PAYLOAD : this.#sender.mss;
    // WHY one at a time: connections take turns.
    if (!this.#around.hasRoom()) {
      this.#acknowledge();
      return this.#sender.queued > 0;
    }
    const piece = this.#sender.takeNext(limit, this.#around.now());
    if (piece) {
      this.#sendPiece(piece);
      if (piece.fin) this.#enter("fin-sent");
    }
    this.#acknowledge();
    return piece !== null && !piece.fin;
  }

  /** Looks at the clock. */
  tick(): void {
    const now = this.#around.now();
    if (this.#until !== null && now >= this.#until) {
      if (this.#state === "time-wait" || this.#state === "opening") this.forget();
      else this.reset();
      return;
    }
    const { deadline } = this.#sender;
    if (deadline !== null && now >= deadline) this.#expire(now);
    else if (receives(this.#state) || this.#state === "close-wait") this.#keepAlive(now);
  }

  #expire(now: number): void {
    const piece = this.#sender.expire(now);
    if (piece === "dead") {
      const reason = this.#state === "syn-sent" ? "timed-out" : "reset";
      this.reset();
      this.#abort(reason);
    } else if (piece === "syn") this.#sendSyn();
    else if (piece) {
      this.#sendPiece(piece);
      if (piece.fin) this.#enter("fin-sent");
    }
  }

  /** RFC 9293, 3.8.4: a guest that has not been heard for long is asked. */
  #keepAlive(now: number): void {
    if (this.#sender.queued > 0) return;
    if (now - this.#heardAt < KEEP_ALIVE_MS + this.#probes * KEEP_ALIVE_STEP_MS) return;
    if (this.#probes++ < KEEP_ALIVE_PROBES) this.#send(FLAG.ACK, seqAdd(this.#sender.next, -1));
    else {
      this.reset();
      this.#abort("reset");
    }
  }

  #receiveOpening(segment: Segment): void {
    if (!(segment.flags & FLAG.RST)) return;
    this.forget();
    this.#abort("reset");
  }

  /** RFC 9293, 3.10.7.3. */
  #receiveSynSent(segment: Segment): void {
    const { flags, acknowledgment } = segment;
    const isOurs = flags & FLAG.ACK && acknowledgment === this.#sender.next;
    if (flags & FLAG.RST) {
      if (!isOurs) return;
      this.forget();
      this.#abort("refused");
      return;
    }
    if (!isOurs || !(flags & FLAG.SYN)) return;
    this.#receiver = this.#makeReceiver(segment);
    this.#sender.take(acknowledgment, false, this.#around.now());
    this.#sender.takeWindow(segment.sequence, acknowledgment, segment.window);
    this.#enter("opened");
    this.#ackWanted = true;
    this.#peer.opened();
  }

  /** RFC 9293, 3.10.7.4. */
  #receiveOpen(segment: Segment): void {
    const { flags, sequence, payload, acknowledgment } = segment;
    const length = payload.byteLength + Number((flags & FLAG.FIN) !== 0) + Number((flags & FLAG.SYN) !== 0);
    this.#heardAt = this.#around.now();
    this.#probes = 0;
    if (!this.#receiver.isAcceptable(sequence, length)) {
      if (flags & FLAG.RST) return;
      this.#ackWanted = true;
      // A window of ours that is closed must not keep the guest's acknowledgments out.
      if (flags & FLAG.ACK && this.#sender.isAcceptable(acknowledgment)) this.#takeAck(segment, false);
      return;
    }
    if (flags & FLAG.RST) {
      // RFC 5961, 3.2.
      if (sequence !== this.#receiver.next) this.#ackWanted = true;
      else {
        this.forget();
        this.#abort("reset");
      }
      return;
    }
    if (flags & FLAG.SYN) {
      this.#ackWanted = true;
      return;
    }
    if (!(flags & FLAG.ACK)) return;
    if (!this.#sender.isAcceptable(acknowledgment)) {
      this.#ackWanted = true;
      return;
    }
    this.#takeAck(segment, length === 0);
    if (length > 0 && !this.isClosed) this.#takeBytes(segment);
  }

  #takeAck(segment: Segment, isPlain: boolean): void {
    const { acknowledgment, sequence, window } = segment;
    const now = this.#around.now();
    const changed = this.#sender.takeWindow(sequence, acknowledgment, window << this.#sender.scale);
    const acked = this.#sender.take(acknowledgment, isPlain && !changed, now);
    if (acked.syn) this.#enter("opened");
    if (acked.bytes > 0) this.#peer.taken(acked.bytes);
    if (acked.fin) this.#enter("fin-acked");
    if (this.#resetPending && this.#sender.queued === 0) this.reset();
  }

  #takeBytes(segment: Segment): void {
    this.#ackWanted = true;
    if (!receives(this.#state)) return;
    const { sequence, payload, flags } = segment;
    if (payload.byteLength > 0 && this.#peerGone) {
      // Nobody takes them: a program that goes on writing must know.
      this.reset();
      return;
    }
    const { pieces, fin, outOfOrder } = this.#receiver.take(sequence, payload, (flags & FLAG.FIN) !== 0);
    for (const piece of pieces) this.#unread.push(piece);
    if (fin) {
      this.#endPending = true;
      this.#enter("fin-received");
    }
    this.#drain();
    // RFC 5681, 4.2: the guest learns of a gap at once.
    if (outOfOrder && !this.isClosed) this.#acknowledge();
  }

  /** Gives the other side what it takes. */
  #drain(): void {
    while (this.#unread.size > 0 && !this.#peerGone) {
      const piece = this.#unread.shift(this.#peer.room);
      if (!piece) break;
      this.#peer.write(piece);
    }
    if (this.#endPending && this.#unread.size === 0) {
      this.#endPending = false;
      if (!this.#peerGone) this.#peer.end();
      this.#finishPeer();
    }
    const more = this.#receiver.open(RECEIVE_BYTES - this.#unread.size);
    // RFC 9293, 3.8.6.2.2: the guest is told of a window only when it is worth it.
    if (more >= RECEIVE_BYTES / 4) this.#ackWanted = true;
  }

  #abort(reason: "reset" | "refused" | "timed-out"): void {
    if (this.#peerGone) return;
    this.#peerGone = true;
    this.#peer.aborted(reason);
  }

  #enter(event: TcpEvent): void {
    const before = this.#state;
    this.#state = transition(before, event);
    if (this.#state === before) return;
    if (this.#state === "time-wait") this.#until = this.#around.now() + TIME_WAIT_MS;
    if (this.#state === "fin-wait-2" && this.#peerGone) this.#until = this.#around.now() + ORPHAN_MS;
    this.#isFinished = this.#state === "time-wait" || (this.#state === "closed" && before === "last-ack");
    this.#finishPeer();
  }

  /** Tells the other side that all is over, when it has taken everything. */
  #finishPeer(): void {
    if (!this.#isFinished || this.#endPending || this.#peerGone) return;
    this.#peerGone = true;
    this.#peer.finished();
  }

  #makeReceiver(syn: Segment | null): Receiver {
    if (!syn) return new Receiver(0, SCALE, 0);
    if (syn.mss !== null) this.#sender.mss = Math.max(88, Math.min(syn.mss, this.#around.mss()));
    if (syn.windowScale !== null && this.#scales) this.#sender.scale = syn.windowScale;
    const scale = this.#scales && syn.windowScale !== null ? SCALE : 0;
    // The window of a SYN is never scaled.
    return new Receiver(syn.sequence, scale, Math.min(RECEIVE_BYTES, 0xffff));
  }

  #sendSyn(): void {
    this.#sender.startSyn(this.#around.now());
    this.#writer.syn(this.#sender, this.#state === "syn-sent" ? null : this.#receiver, this.#scales ? SCALE : null);
  }

  #sendPiece(piece: Piece): void {
    this.#writer.piece(this.#sender, this.#receiver, piece);
    this.#ackWanted = false;
  }

  #acknowledge(): void {
    if (!this.#ackWanted) return;
    this.#send(FLAG.ACK, this.#sender.next);
    this.#ackWanted = false;
  }

  #send(flags: number, sequence: number): void {
    this.#writer.plain(this.#receiver, flags, sequence);
  }
}
