import {
  CLOSE_REASON,
  CONNECTION_STREAM,
  decodeFrame,
  decodeU32,
  EXTENSION,
  type Extensions,
  encodeClose,
  encodeInfo,
  encodeU32,
  type Frame,
  FrameError,
  SOCKET_CLOSE,
  SUBPROTOCOL_V2,
  VERSION,
} from "../wisp/index.ts";
import { bytesOf, type OpenSocket, type RelaySocket } from "./socket.ts";
import { FIRST_WINDOW, type StreamCarrier, type StreamListener, WispStream } from "./wisp-stream.ts";

/** What a relay can. */
export interface RelayAbilities {
  readonly version: 1 | 2;
  readonly udp: boolean;
  readonly streamOpen: boolean;
  readonly byteCredit: boolean;
  readonly resolver: boolean;
  readonly halfClose: boolean;
}

/** What a connection tells its owner. */
export interface ConnectionListener {
  online(abilities: RelayAbilities): void;
  /** The connection is over; its streams have been told. `wasOnline`: the handshake had been done. */
  closed(code: number, reason: string, wasOnline: boolean): void;
  /** A stream was given up, since its bytes were not taken and the relay cannot be told to wait. */
  overrun(): void;
}

const HANDSHAKE_MS = 10_000;
/** Larger messages are no frames of any server that we know. */
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
/** What waits to be sent before streams are told to wait, and how often it is looked at: a WebSocket tells nobody. */
const CLEAR_BYTES = 1024 * 1024;
const CLEAR_LOOK_MS = 4;
/** Bytes of all streams together that may be on their way beyond their first windows. */
const WINDOW_BUDGET = 48 * 1024 * 1024;
/** Where the relay knows no credit: bytes that may wait. A socket that can be paused is, then; else a stream is given up. */
const PAUSE_BYTES = 4 * 1024 * 1024;
const OVERRUN_BYTES = 64 * 1024 * 1024;
const PAUSE_MS = 10_000;
const MAX_STREAMS = 2048;

/** One WebSocket to a relay, from the first to the last byte. */
export class WispConnection implements StreamCarrier {
  readonly #socket: RelaySocket;
  readonly #listener: ConnectionListener;
  readonly #streams = new Map<number, WispStream>();
  /** Streams whose destination has not answered. */
  readonly #opening = new Set<number>();
  readonly #handshake: ReturnType<typeof setTimeout>;
  #state: "opening" | "online" | "closed" = "opening";
  #extensions: Extensions | null = null;
  #abilities: RelayAbilities | null = null;
  #packets = 0;
  #nextId = 1;
  #reserved = 0;
  #unread = 0;
  #looking: ReturnType<typeof setTimeout> | null = null;
  #paused: ReturnType<typeof setTimeout> | null = null;

  constructor(openSocket: OpenSocket, url: string, offersV2: boolean, listener: ConnectionListener) {
    this.#listener = listener;
    this.#socket = openSocket(url, offersV2 ? [SUBPROTOCOL_V2] : [], MAX_MESSAGE_BYTES);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code, reason }) => this.#over(code, reason);
    // What is wrong is told by `close`.
    this.#socket.onerror = () => {};
    this.#handshake = setTimeout(() => this.#end(SOCKET_CLOSE.PROTOCOL_ERROR, "no answer"), HANDSHAKE_MS);
  }

  get isOnline(): boolean {
    return this.#state === "online";
  }

  /** `null` until it is online. */
  get abilities(): RelayAbilities | null {
    return this.#abilities;
  }

  get isClear(): boolean {
    if (this.#socket.bufferedAmount < CLEAR_BYTES) return true;
    this.#look();
    return false;
  }

  get hasHalfClose(): boolean {
    return this.#abilities?.halfClose ?? false;
  }

  get hasByteCredit(): boolean {
    return this.#abilities?.byteCredit ?? false;
  }

  /** Opens a stream; `null` when there are too many or it is not online. */
  open(host: string, port: number, isTcp: boolean, listener: StreamListener): WispStream | null {
    if (this.#state !== "online" || this.#streams.size >= MAX_STREAMS) return null;
    while (this.#streams.has(this.#nextId) || this.#nextId === CONNECTION_STREAM)
      this.#nextId = (this.#nextId + 1) >>> 0;
    const id = this.#nextId;
    this.#nextId = (id + 1) >>> 0;
    const options = { packets: this.#packets, window: FIRST_WINDOW };
    if (isTcp) this.#opening.add(id);
    const stream = new WispStream(this, id, { host, port, isTcp }, options, listener);
    this.#streams.set(id, stream);
    return stream;
  }

  /** Ends the connection; its streams are told, its owner is not. */
  close(): void {
    if (this.#state === "closed") return;
    this.#finish();
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close(1000);
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#state !== "closed") this.#socket.send(frame);
  }

  reserve(bytes: number): number {
    const granted = Math.max(0, Math.min(bytes, WINDOW_BUDGET - this.#reserved));
    this.#reserved += granted;
    return granted;
  }

  release(window: number): void {
    this.#reserved -= window - FIRST_WINDOW;
  }

  forget(id: number): void {
    this.#streams.delete(id);
    this.#opening.delete(id);
  }

  noteUnread(change: number): void {
    this.#unread += change;
    if (this.hasByteCredit) return;
    if (!this.#socket.pause) {
      if (this.#unread > OVERRUN_BYTES) this.#giveUpOne();
      return;
    }
    if (this.#unread > PAUSE_BYTES && this.#paused === null) {
      this.#socket.pause();
      // WHY: a program that stops reading must not stop all the others.
      this.#paused = setTimeout(() => this.#giveUpOne(), PAUSE_MS);
    } else if (this.#unread < PAUSE_BYTES / 2 && this.#paused !== null) this.#resume();
  }

  #resume(): void {
    if (this.#paused !== null) clearTimeout(this.#paused);
    this.#paused = null;
    this.#socket.resume?.();
  }

  /** Gives up the stream with the most bytes that nobody takes. */
  #giveUpOne(): void {
    const [worst] = [...this.#streams.values()].sort((a, b) => b.unread - a.unread);
    if (this.#paused !== null) this.#resume();
    if (!worst) return;
    this.send(encodeClose(worst.id, CLOSE_REASON.CLIENT_ERROR));
    worst.receiveClose(CLOSE_REASON.CLIENT_ERROR);
    this.#listener.overrun();
  }

  #receive(data: unknown): void {
    const bytes = bytesOf(data);
    if (!bytes) {
      this.#end(SOCKET_CLOSE.TEXT_FRAME, "a text message");
      return;
    }
    let frame: Frame;
    try {
      frame = decodeFrame(bytes);
    } catch (error) {
      // A type of some extension that we do not know is none of our business.
      if (error instanceof FrameError && error.problem === "type") return;
      this.#end(SOCKET_CLOSE.PROTOCOL_ERROR, String(error));
      return;
    }
    if (frame.stream === CONNECTION_STREAM) this.#receiveOwn(frame);
    else this.#receiveStream(frame);
  }

  #receiveOwn(frame: Frame): void {
    if (frame.type === "info" && this.#state === "opening" && !this.#extensions) this.#answerInfo(frame.extensions);
    else if (frame.type === "continue" && this.#state === "opening") this.#goOnline(frame.amount);
    else if (frame.type === "close") this.#end(SOCKET_CLOSE.PROTOCOL_ERROR, `refused, reason ${frame.reason}`);
  }

  #receiveStream(frame: Frame): void {
    const stream = this.#streams.get(frame.stream);
    if (!stream) return;
    if (frame.type !== "close" && this.#opening.delete(frame.stream)) stream.receiveConnected();
    if (frame.type === "data") stream.receiveData(frame.bytes);
    else if (frame.type === "continue") stream.receiveContinue(frame.amount);
    else if (frame.type === "close") stream.receiveClose(frame.reason);
  }

  /** Takes of what the server offers all that we know. */
  #answerInfo(offered: Extensions): void {
    const nothing = new Uint8Array(0);
    const taken = new Map<number, Uint8Array>();
    for (const id of [EXTENSION.UDP, EXTENSION.STREAM_OPEN, EXTENSION.RESOLVER, EXTENSION.HALF_CLOSE])
      if (offered.has(id)) taken.set(id, nothing);
    const most = decodeU32(offered.get(EXTENSION.BYTE_CREDIT));
    if (most !== null && most >= FIRST_WINDOW) taken.set(EXTENSION.BYTE_CREDIT, encodeU32(FIRST_WINDOW));
    this.#extensions = taken;
    this.send(encodeInfo(VERSION, taken));
  }

  #goOnline(packets: number): void {
    clearTimeout(this.#handshake);
    this.#state = "online";
    this.#packets = packets;
    const has = (id: number) => this.#extensions?.has(id) ?? false;
    const version = this.#extensions ? 2 : 1;
    this.#abilities = {
      version,
      // Version 1 has it always.
      udp: version === 1 || has(EXTENSION.UDP),
      streamOpen: has(EXTENSION.STREAM_OPEN),
      byteCredit: has(EXTENSION.BYTE_CREDIT),
      resolver: has(EXTENSION.RESOLVER),
      halfClose: has(EXTENSION.HALF_CLOSE),
    };
    this.#listener.online(this.#abilities);
  }

  /** Waits for the socket to have sent what it has. */
  #look(): void {
    this.#looking ??= setTimeout(() => {
      this.#looking = null;
      if (!this.isClear) return;
      for (const stream of [...this.#streams.values()]) stream.receiveClear();
    }, CLEAR_LOOK_MS);
  }

  #end(code: number, reason: string): void {
    if (this.#state === "closed") return;
    // WHY not the code: a page may only use its own.
    this.#socket.close(4000);
    this.#over(code, reason);
  }

  #over(code: number, reason: string): void {
    if (this.#state === "closed") return;
    const wasOnline = this.#state === "online";
    this.#finish();
    this.#listener.closed(code, reason, wasOnline);
  }

  #finish(): void {
    this.#state = "closed";
    this.#stopTimers();
    const streams = [...this.#streams.values()];
    this.#streams.clear();
    for (const stream of streams) stream.receiveClose(CLOSE_REASON.NETWORK_ERROR);
  }

  #stopTimers(): void {
    clearTimeout(this.#handshake);
    for (const timer of [this.#looking, this.#paused]) if (timer !== null) clearTimeout(timer);
    this.#paused = null;
  }
}
