import type { Duplex } from "node:stream";
import {
  CLOSE_REASON,
  CONNECTION_STREAM,
  decodeFrame,
  encodeClose,
  encodeContinue,
  encodeInfo,
  type Frame,
  FrameError,
  PACKET,
  SOCKET_CLOSE,
  SUBPROTOCOL_V2,
  VERSION,
} from "warmboot/wisp";
import type { RawData, WebSocket } from "ws";
import type { Audit, StreamRecord } from "../audit/audit.ts";
import { StreamError, type StreamErrorCode } from "../errors.ts";
import type { RelayMetrics } from "../metrics.ts";
import type { Session } from "../session.ts";
import type { StreamOpener } from "../streams/opener.ts";
import type { Outcome, Stream, StreamHost, StreamTimeouts } from "../streams/stream.ts";
import { agree, type Features, type OfferOptions, offer, versionOne } from "./handshake.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Inbound } from "./inbound.ts";
import { Outbound } from "./outbound.ts";
import { UnknownStreams } from "./unknown-streams.ts";

export interface ConnectionSettings {
  readonly offer: OfferOptions;
  readonly windowPackets: number;
  readonly bufferBytes: number;
  readonly handshakeMs: number;
  readonly pingMs: number;
  readonly pongMs: number;
  readonly connectionIdleMs: number;
  readonly connectionLifetimeMs: number;
  readonly streams: StreamTimeouts;
}

export interface ConnectionServices {
  readonly opener: StreamOpener;
  readonly audit: Audit;
  readonly metrics: RelayMetrics;
  isDraining(): boolean;
}

/** RFC 6455 7.4.1. */
const INTERNAL_ERROR = 1011;
/** What the client gets to say goodbye. */
const CLOSE_GRACE_MS = 2000;
/** Refusals that are written down one by one, a connection; the rest is counted in the metrics. */
const MAX_REFUSALS_AUDITED = 100;

/** Thrown for what breaks the protocol: it ends the connection. */
class ProtocolError extends Error {}

/** One client: its WebSocket, the handshake, and its streams. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #session: Session;
  readonly #settings: ConnectionSettings;
  readonly #services: ConnectionServices;
  readonly #outbound: Outbound;
  readonly #inbound: Inbound;
  readonly #heartbeat: Heartbeat;
  /** By the id on the wire. */
  readonly #streams = new Map<number, Stream>();
  /** Also those that the client has forgotten and that still send what it said. */
  readonly #live = new Set<Stream>();
  readonly #unknown = new UnknownStreams();
  readonly #onClosed: (code: number) => void;
  #features: Features | null = null;
  #slots = 0;
  #refusals = 0;
  #deadline: NodeJS.Timeout | null = null;
  #handshake: NodeJS.Timeout | null = null;
  #idle: NodeJS.Timeout | null = null;
  #isClosing = false;

  constructor(
    socket: WebSocket,
    transport: Duplex,
    session: Session,
    settings: ConnectionSettings,
    services: ConnectionServices,
    onClosed: (code: number) => void,
  ) {
    this.#socket = socket;
    this.#session = session;
    this.#settings = settings;
    this.#services = services;
    this.#onClosed = onClosed;
    this.#inbound = new Inbound(socket, session.up, settings.bufferBytes);
    this.#outbound = new Outbound(socket, transport, session.down, (flooded) =>
      this.#inbound.pause("flooded", flooded),
    );
    this.#heartbeat = new Heartbeat(socket, settings, () => !this.#inbound.isPaused);
    // WHY: ws has closed the connection with the right code when it reports an error.
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on("ping", (payload) => this.#outbound.pong(payload));
    socket.on("close", (code) => this.#onClose(code));
    this.#startTimers();
    if (socket.protocol === SUBPROTOCOL_V2) this.#offerVersionTwo();
    else this.#begin(versionOne(settings.offer));
  }

  get session(): Session {
    return this.#session;
  }

  get isIdle(): boolean {
    return this.#slots === 0;
  }

  /** Ends all streams and the connection. Idempotent. */
  close(code: number, reason: string): void {
    if (this.#isClosing) return;
    this.#shutDown();
    this.#socket.resume();
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS).unref();
  }

  #startTimers(): void {
    const { connectionLifetimeMs } = this.#settings;
    const { expiresAt } = this.#session;
    const expiresInMs = expiresAt === null ? Number.POSITIVE_INFINITY : expiresAt - Date.now();
    this.#deadline = setTimeout(
      () =>
        expiresInMs <= connectionLifetimeMs
          ? this.close(SOCKET_CLOSE.CREDENTIALS_EXPIRED, "the credentials have expired")
          : this.close(SOCKET_CLOSE.RESTARTING, "the connection has reached its age"),
      Math.max(0, Math.min(expiresInMs, connectionLifetimeMs)),
    );
    this.#setIdle();
  }

  #setIdle(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle =
      this.isIdle && !this.#isClosing
        ? setTimeout(() => this.close(1000, "nothing was asked for"), this.#settings.connectionIdleMs)
        : null;
  }

  #offerVersionTwo(): void {
    this.#handshake = setTimeout(
      () => this.close(SOCKET_CLOSE.PROTOCOL_ERROR, "the handshake took too long"),
      this.#settings.handshakeMs,
    );
    this.#outbound.control(encodeInfo(VERSION, offer(this.#settings.offer)));
  }

  #begin(features: Features): void {
    this.#features = features;
    if (this.#handshake) clearTimeout(this.#handshake);
    this.#outbound.control(encodeContinue(CONNECTION_STREAM, this.#settings.windowPackets));
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    if (this.#isClosing) return;
    this.#heartbeat.alive();
    if (!isBinary) {
      this.close(SOCKET_CLOSE.TEXT_FRAME, "text is not taken");
      return;
    }
    const bytes = data as Buffer;
    this.#inbound.received(bytes.byteLength);
    try {
      const frame = this.#decode(bytes);
      if (frame) this.#onFrame(frame);
    } catch (error) {
      if (error instanceof ProtocolError) {
        this.#services.metrics.protocolError();
        this.close(SOCKET_CLOSE.PROTOCOL_ERROR, error.message);
        return;
      }
      // WHY: a mistake of the relay ends this client's connection, not everybody's.
      this.#services.audit.event("internal-error", { session: this.#session.id, error: String(error) });
      this.close(INTERNAL_ERROR, "the relay failed");
    }
  }

  #decode(bytes: Buffer): Frame | null {
    try {
      return decodeFrame(bytes);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      // A CONNECT that names its stream can be answered there.
      const answers = bytes[0] === PACKET.CONNECT && error.problem === "payload" && this.#features !== null;
      if (!answers || !error.stream || this.#streams.has(error.stream)) throw new ProtocolError("a malformed frame");
      this.#refuse(error.stream, "host-malformed");
      return null;
    }
  }

  #onFrame(frame: Frame): void {
    const features = this.#features;
    if (!features) {
      this.#onHandshake(frame);
      return;
    }
    if (frame.stream === CONNECTION_STREAM) throw new ProtocolError("stream 0 carries nothing");
    const stream = this.#streams.get(frame.stream);
    switch (frame.type) {
      case "connect":
        // WHY: a CLOSE in answer would end the stream that has the id.
        if (stream) throw new ProtocolError("a stream id that is in use");
        this.#connect(frame, features);
        return;
      case "data":
        if (stream) stream.receive(frame.bytes);
        else if (this.#unknown.tell(frame.stream))
          this.#outbound.control(encodeClose(frame.stream, CLOSE_REASON.INVALID_INFO));
        return;
      case "continue":
        if (features.initialCredit === null) throw new ProtocolError("credit that was not agreed on");
        stream?.grant(frame.amount);
        return;
      case "close":
        stream?.closeByClient(frame.reason);
        return;
      case "info":
        throw new ProtocolError("a second handshake");
    }
  }

  #onHandshake(frame: Frame): void {
    if (frame.type !== "info" || frame.stream !== CONNECTION_STREAM) throw new ProtocolError("INFO was expected");
    if (frame.major !== VERSION.major) throw new ProtocolError("a version that was not offered");
    const features = agree(this.#settings.offer, frame.extensions);
    if (!features) throw new ProtocolError("a malformed extension");
    this.#begin(features);
  }

  #connect(frame: Extract<Frame, { type: "connect" }>, features: Features): void {
    const { opener } = this.#services;
    const protocol = opener.protocol(frame, features);
    if (protocol === null) {
      this.#refuse(frame.stream, "stream-type-denied");
      return;
    }
    if (this.#services.isDraining()) {
      this.#refuse(frame.stream, "draining");
      return;
    }
    if (this.#slots >= this.#session.maxStreams) {
      this.#refuse(frame.stream, "limit-streams");
      return;
    }
    const record = this.#record(frame, protocol);
    this.#slots++;
    this.#setIdle();
    this.#unknown.forget(frame.stream);
    const counted = { up: 0, down: 0 };
    const { streams: timeouts, windowPackets } = this.#settings;
    const host: StreamHost = {
      id: frame.stream,
      features,
      outbound: this.#outbound,
      inbound: this.#inbound,
      windowPackets,
      timeouts,
      counted,
      forget: () => {
        this.#streams.delete(frame.stream);
        this.#unknown.tell(frame.stream);
      },
      release: (outcome) => this.#release(stream, record, outcome, counted),
    };
    this.#services.metrics.streamStarted(protocol);
    const stream = opener.open(frame, record, this.#session, host);
    this.#streams.set(frame.stream, stream);
    this.#live.add(stream);
  }

  #release(stream: Stream, record: StreamRecord, outcome: Outcome, counted: { up: number; down: number }): void {
    this.#live.delete(stream);
    this.#slots--;
    this.#setIdle();
    this.#services.metrics.streamEnded(record.protocol, outcome, counted);
    this.#services.audit.streamClosed(record, outcome, counted);
    if (this.#services.isDraining() && this.isIdle) this.close(SOCKET_CLOSE.RESTARTING, "the relay restarts");
  }

  #refuse(id: number, code: StreamErrorCode): void {
    this.#services.metrics.streamRefused(code);
    if (this.#refusals++ < MAX_REFUSALS_AUDITED) {
      const { id: session, subject, clientAddress: client } = this.#session;
      this.#services.audit.event("stream-refused", { session, subject, client, stream: id, reason: code });
    }
    this.#unknown.tell(id);
    this.#outbound.control(encodeClose(id, new StreamError(code, code).closeReason));
  }

  #record(frame: Extract<Frame, { type: "connect" }>, protocol: StreamRecord["protocol"]): StreamRecord {
    const { id: session, subject, clientAddress: client } = this.#session;
    const { stream, host, port } = frame;
    const startedAt = performance.now();
    return { session, subject, client, stream, protocol, host, port, address: null, violation: null, startedAt };
  }

  #onClose(code: number): void {
    this.#shutDown();
    this.#onClosed(code);
  }

  #shutDown(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#outbound.close();
    for (const stream of this.#live) stream.abort("connection-closed");
    this.#inbound.close();
    this.#heartbeat.stop();
    for (const timer of [this.#deadline, this.#handshake, this.#idle]) if (timer) clearTimeout(timer);
  }
}
