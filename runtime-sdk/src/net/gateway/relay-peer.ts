import { UNREACHABLE_CODE } from "../packet/icmp.ts";
import type { RelayLink } from "../relay/relay-link.ts";
import type { StreamListener, WispStream } from "../relay/wisp-stream.ts";
import type { Connection } from "../tcp/connection.ts";
import type { Peer } from "../tcp/peer.ts";
import { CLOSE_REASON } from "../wisp/index.ts";
import type { ConnectionInfo } from "./messages.ts";

/** What a connection by the relay needs. */
export interface RelayPeerHost {
  readonly link: RelayLink;
  readonly connection: () => Connection;
  /** Answers the guest's SYN with an ICMP error. */
  refuse(code: number): void;
  /** The relay has ended the stream, for this reason of its own. */
  refused(reason: number): void;
  /** Sends what is to be sent. */
  flush(): void;
  /** The connection is over. */
  over(): void;
}

/** Longest wait for a relay that is being connected to. */
const CONNECTING_MS = 10_000;
/** Where the relay does not say when it is connected: after this it is taken to be. */
const ACCEPT_MS = 250;
/** How long the answer to a guest that has ended its side may pause, where the relay knows no half-close. */
const LINGER_MS = 30_000;

/** The other side of a connection of the guest to the outside: a stream of the relay. */
export class RelayPeer implements Peer, StreamListener {
  readonly #host: RelayPeerHost;
  readonly #name: string;
  readonly #port: number;
  #stream: WispStream | null = null;
  #accepting: ReturnType<typeof setTimeout> | null = null;
  #lingering: ReturnType<typeof setTimeout> | null = null;
  #isAccepted = false;
  #isOver = false;
  #sentBytes = 0;
  #receivedBytes = 0;

  constructor(host: RelayPeerHost, name: string, port: number) {
    this.#host = host;
    this.#name = name;
    this.#port = port;
  }

  /** Connects. Call when the connection is made. */
  async open(): Promise<void> {
    const { link } = this.#host;
    await link.settled(CONNECTING_MS);
    if (this.#isOver) return;
    const relay = link.connection;
    this.#stream = relay?.open(this.#name, this.#port, true, this) ?? null;
    if (!this.#stream) {
      this.#giveUp(() => this.#host.refuse(UNREACHABLE_CODE.NET));
      return;
    }
    if (!relay?.abilities?.streamOpen) this.#accepting = setTimeout(() => this.connected(), ACCEPT_MS);
  }

  get info(): ConnectionInfo {
    const state = this.#isOver ? "closing" : this.#isAccepted ? "open" : "opening";
    return {
      direction: "out",
      host: this.#name,
      port: this.#port,
      sentBytes: this.#sentBytes,
      receivedBytes: this.#receivedBytes,
      state,
    };
  }

  // What the guest's connection says.

  get room(): number {
    return this.#stream?.room ?? 0;
  }

  write(bytes: Uint8Array): void {
    this.#sentBytes += bytes.byteLength;
    this.#stream?.write(bytes);
  }

  end(): void {
    this.#stream?.end();
    this.#linger();
  }

  taken(count: number): void {
    this.#receivedBytes += count;
    this.#stream?.taken(count);
  }

  opened(): void {}

  aborted(): void {
    this.#finish();
    this.#stream?.close(CLOSE_REASON.VOLUNTARY);
  }

  finished(): void {
    this.aborted();
  }

  // What the relay says.

  connected(): void {
    if (this.#accepting !== null) clearTimeout(this.#accepting);
    this.#accepting = null;
    if (this.#isAccepted || this.#isOver) return;
    this.#isAccepted = true;
    this.#host.connection().accept();
    this.#host.flush();
  }

  data(bytes: Uint8Array): void {
    this.connected();
    if (this.#lingering !== null) this.#linger();
    this.#host.connection().write(bytes);
    this.#host.flush();
  }

  ended(): void {
    this.connected();
    this.#host.connection().end(false);
    this.#host.flush();
  }

  drained(): void {
    this.#host.connection().resume();
    this.#host.flush();
  }

  closed(reason: number): void {
    const connection = this.#host.connection();
    this.#host.refused(reason);
    if (!this.#isAccepted) {
      this.#giveUp(() => this.#answerFailure(reason));
      return;
    }
    this.#finish();
    if (reason === CLOSE_REASON.VOLUNTARY) connection.end(true);
    // WHY at once without a relay: nothing more will come, and a program must not wait. And what nobody has read for long is not to be kept.
    else if (!this.#host.link.connection || reason === CLOSE_REASON.CLIENT_ERROR) connection.reset();
    else connection.fail();
    this.#host.flush();
  }

  /** The destination was not reached. */
  #answerFailure(reason: number): void {
    const connection = this.#host.connection();
    switch (reason) {
      case CLOSE_REASON.UNREACHABLE:
        this.#host.refuse(UNREACHABLE_CODE.HOST);
        return;
      case CLOSE_REASON.BLOCKED:
        this.#host.refuse(UNREACHABLE_CODE.PROHIBITED);
        return;
      case CLOSE_REASON.TIMED_OUT:
        // As it is without us: nothing answers.
        connection.ignore();
        return;
      case CLOSE_REASON.VOLUNTARY:
        // It was there, and has gone already.
        connection.accept();
        connection.end(true);
        return;
      default:
        if (this.#host.link.connection) connection.reset();
        else this.#host.refuse(UNREACHABLE_CODE.NET);
    }
  }

  /** WHY: where the relay knows no half-close it was told to close, and many never say that they have. */
  #linger(): void {
    if (this.#lingering !== null) clearTimeout(this.#lingering);
    if (this.#isOver || this.#host.link.connection?.hasHalfClose) return;
    this.#lingering = setTimeout(() => {
      this.#finish();
      this.#stream?.close(CLOSE_REASON.VOLUNTARY);
      this.#host.connection().end(true);
      this.#host.flush();
    }, LINGER_MS);
  }

  #giveUp(answer: () => void): void {
    this.#finish();
    answer();
    this.#host.flush();
  }

  #finish(): void {
    for (const timer of [this.#accepting, this.#lingering]) if (timer !== null) clearTimeout(timer);
    this.#accepting = null;
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.over();
  }
}
