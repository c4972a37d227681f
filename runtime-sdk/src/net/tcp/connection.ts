import type { Route } from "../packet/ipv4.ts";
import { FLAG, MAX_TCP_PAYLOAD, type Segment } from "../packet/tcp-segment.ts";
import { Delivery } from "./delivery.ts";
import { SCALE, takeSyn } from "./handshake.ts";
import { KeepAlive } from "./keep-alive.ts";
import type { Ends, Peer, Surroundings } from "./peer.ts";
import { RECEIVE_BYTES, Receiver } from "./receiver.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { type Piece, Sender } from "./sender.ts";
import { seqAdd, seqDiff } from "./sequence.ts";
import { receives, type TcpEvent, type TcpState, transition } from "./state.ts";
import { judge, lengthOf } from "./verdict.ts";

const TIME_WAIT_MS = 10_000;
/** How long the guest may keep its side open when nobody is on the other any more (Linux's tcp_fin_timeout). */
const ORPHAN_MS = 60_000;
/** Linux sends a SYN again for 127 s. */
const SYN_GIVEN_UP_MS = 130_000;

/** One TCP connection of the guest, ended here (RFC 9293). */
export class Connection {
  readonly ends: Ends;
  readonly #around: Surroundings;
  readonly #writer: SegmentWriter;
  readonly #peer: Peer;
  readonly #delivery: Delivery;
  readonly #sender: Sender;
  #receiver: Receiver;
  readonly #scales: boolean;
  readonly #keepAlive: KeepAlive;
  #state: TcpState;
  /** Its SYN is left unanswered. */
  #isIgnored = false;
  #resetPending = false;
  #ackWanted = false;
  /** When what waits for its time to pass is over: `opening`, `time-wait`, an end that nobody wants. */
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
    this.#delivery = new Delivery(peer);
    this.#sender = new Sender(initial);
    this.#scales = syn === null || syn.windowScale !== null;
    this.#receiver = syn ? this.#takeSyn(syn) : new Receiver(0, SCALE, 0);
    this.#state = syn ? "opening" : "syn-sent";
    this.#keepAlive = new KeepAlive(around.now());
    if (syn) this.#until = around.now() + SYN_GIVEN_UP_MS;
  }

  get state(): TcpState {
    return this.#state;
  }

  /** The next sequence number to the guest. */
  get next(): number {
    return this.#sender.next;
  }

  /** It waits for nothing but time, and its place may be given to another. */
  get isIdle(): boolean {
    return this.#state === "time-wait" || (this.#state === "opening" && this.#isIgnored);
  }

  /**
   * Whether a SYN may begin a new connection in the place of this one (RFC 9293, 3.10.7.4, fourth check). One that is not answered yet gives way to any
   * other: the guest does not say that it has given up.
   */
  givesWayTo({ flags, sequence }: Segment): boolean {
    if (this.isClosed) return true;
    if ((flags & (FLAG.SYN | FLAG.ACK)) !== FLAG.SYN) return false;
    const ahead = seqDiff(sequence, this.#receiver.next);
    return (this.#state === "time-wait" && ahead > 0) || (this.#state === "opening" && ahead !== -1);
  }

  /** Another one takes its place. */
  giveWay(): void {
    if (this.#state === "opening") this.#giveUp("reset");
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** The other side is connected: answers the guest's SYN. */
  accept(): void {
    if (this.#state !== "opening") return;
    this.#until = null;
    this.#enter("accepted");
    this.#sendSyn();
  }

  /** Leaves the guest's SYN unanswered, until the guest has given up as well. */
  ignore(): void {
    this.#isIgnored = true;
    this.#until = this.#around.now() + SYN_GIVEN_UP_MS;
  }

  /** Bytes for the guest, in order. They are kept until it has taken them. */
  write(bytes: Uint8Array): void {
    this.#sender.push(bytes);
    this.#around.wake(this);
  }

  /** The other side sends nothing more. `isGone`: it takes nothing more either. */
  end(isGone: boolean): void {
    if (isGone) this.#abandon();
    this.#sender.end();
    this.#around.wake(this);
  }

  /** The other side was lost: the guest gets what is there, then a reset. */
  fail(): void {
    this.#abandon();
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
    this.#delivery.clear();
  }

  /** The other side has room again. */
  resume(): void {
    this.#drain();
    this.#around.wake(this);
  }

  /** Takes a segment of the guest. */
  receive(segment: Segment): void {
    if (this.#state === "opening") {
      if (segment.flags & FLAG.RST) this.#giveUp("reset");
    } else if (this.#state === "syn-sent") this.#receiveSynSent(segment);
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
      // WHY not forgotten: the other side may be slow to take what has come.
      if (this.#state === "time-wait") this.#enter("ended");
      else if (this.#state === "opening") this.#giveUp("timed-out");
      else this.reset();
      return;
    }
    const { deadline } = this.#sender;
    if (deadline !== null && now >= deadline) this.#expire(now);
    else if ((receives(this.#state) || this.#state === "close-wait") && this.#sender.queued === 0)
      this.#askIfThere(now);
  }

  #expire(now: number): void {
    const piece = this.#sender.expire(now);
    if (piece === "dead") {
      const reason = this.#state === "syn-sent" ? "timed-out" : "reset";
      this.reset();
      this.#delivery.abort(reason);
    } else if (piece === "syn") this.#sendSyn();
    else if (piece) {
      this.#sendPiece(piece);
      if (piece.fin) this.#enter("fin-sent");
    }
  }

  #askIfThere(now: number): void {
    const due = this.#keepAlive.due(now);
    if (due === "ask") this.#send(FLAG.ACK, seqAdd(this.#sender.next, -1));
    if (due !== "give-up") return;
    this.reset();
    this.#delivery.abort("reset");
  }

  /** RFC 9293, 3.10.7.3. */
  #receiveSynSent(segment: Segment): void {
    const { flags, acknowledgment } = segment;
    const isOurs = flags & FLAG.ACK && acknowledgment === this.#sender.next;
    if (flags & FLAG.RST) {
      if (isOurs) this.#giveUp("refused");
      return;
    }
    if (flags & FLAG.ACK && !isOurs) {
      // The guest has an old connection there, which it is to forget.
      this.#send(FLAG.RST, acknowledgment);
      return;
    }
    if (!isOurs || !(flags & FLAG.SYN)) return;
    this.#receiver = this.#takeSyn(segment);
    const now = this.#around.now();
    this.#sender.take(acknowledgment, false, now);
    this.#sender.takeWindow(segment.sequence, acknowledgment, segment.window, now);
    this.#enter("opened");
    this.#ackWanted = true;
    this.#peer.opened();
  }

  /** RFC 9293, 3.10.7.4. */
  #receiveOpen(segment: Segment): void {
    this.#keepAlive.heard(this.#around.now());
    const verdict = judge(segment, this.#state, this.#receiver, this.#sender);
    if (verdict === "answer" || verdict === "hear") this.#ackWanted = true;
    if (verdict === "hear") this.#takeAck(segment, false);
    if (verdict === "refuse") this.#send(FLAG.RST, segment.acknowledgment);
    if (verdict === "end") this.#giveUp("reset");
    if (verdict !== "take") return;
    const length = lengthOf(segment);
    this.#takeAck(segment, length === 0);
    if (length > 0 && !this.isClosed) this.#takeBytes(segment);
  }

  #takeAck(segment: Segment, isPlain: boolean): void {
    const { acknowledgment, sequence, window } = segment;
    const now = this.#around.now();
    const changed = this.#sender.takeWindow(sequence, acknowledgment, window << this.#sender.scale, now);
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
    if (payload.byteLength > 0 && this.#delivery.isGone) {
      // Nobody takes them: a program that goes on writing must know.
      this.reset();
      return;
    }
    const { pieces, fin, outOfOrder } = this.#receiver.take(sequence, payload, (flags & FLAG.FIN) !== 0);
    for (const piece of pieces) this.#delivery.push(piece);
    if (fin) {
      this.#delivery.end();
      this.#enter("fin-received");
    }
    this.#drain();
    // RFC 5681, 4.2: the guest learns of a gap at once.
    if (outOfOrder && !this.isClosed) this.#acknowledge();
  }

  /** Gives the other side what it takes. */
  #drain(): void {
    this.#delivery.drain();
    this.#receiver.open(RECEIVE_BYTES - this.#delivery.size);
    // RFC 9293, 3.8.6.2.2: the guest is told of a window only when it is worth it.
    if (this.#receiver.untold >= RECEIVE_BYTES / 4) this.#ackWanted = true;
  }

  /** Ends it, and tells the other side. */
  #giveUp(reason: "reset" | "refused" | "timed-out"): void {
    this.forget();
    this.#delivery.abort(reason);
  }

  /** Nobody is on the other side any more. */
  #abandon(): void {
    this.#delivery.abandon();
    if (this.#state === "fin-wait-2") this.#until ??= this.#around.now() + ORPHAN_MS;
  }

  #enter(event: TcpEvent): void {
    const before = this.#state;
    this.#state = transition(before, event);
    if (this.#state === before) return;
    if (this.#state === "time-wait") this.#until = this.#around.now() + TIME_WAIT_MS;
    if (this.#state === "fin-wait-2" && this.#delivery.isGone) this.#until = this.#around.now() + ORPHAN_MS;
    if (this.#state === "time-wait" || (this.#state === "closed" && before === "last-ack")) this.#delivery.finish();
  }

  #takeSyn(syn: Segment): Receiver {
    return takeSyn(syn, this.#sender, this.#scales, this.#around.mss());
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
