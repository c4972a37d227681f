import type { Duplex } from "node:stream";
import {
  CONNECTION_STREAM,
  decodeFrame,
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
import type { Session } from "../session.ts";
import type { StreamTimeouts } from "../streams/stream.ts";
import { agree, type Features, type OfferOptions, offer, versionOne } from "./handshake.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Inbound } from "./inbound.ts";
import { Outbound } from "./outbound.ts";
import { ProtocolError } from "./protocol-error.ts";
import { ConnectionStreams, type StreamServices } from "./streams.ts";

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

/** RFC 6455 7.4.1. */
const INTERNAL_ERROR = 1011;
/** What the client gets to say goodbye. */
const CLOSE_GRACE_MS = 2000;

/** One client: its WebSocket, the handshake, and its streams. */
export class Connection {
  readonly #socket: WebSocket;
  readonly #session: Session;
  readonly #settings: ConnectionSettings;
  readonly #services: StreamServices;
  readonly #outbound: Outbound;
  readonly #inbound: Inbound;
  readonly #heartbeat: Heartbeat;
  readonly #streams: ConnectionStreams;
  readonly #onClosed: (code: number) => void;
  #features: Features | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #handshake: NodeJS.Timeout | null = null;
  #idle: NodeJS.Timeout | null = null;
  #isClosing = false;

  constructor(
    socket: WebSocket,
    transport: Duplex,
    session: Session,
    settings: ConnectionSettings,
    services: StreamServices,
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
    this.#streams = new ConnectionStreams({
      session,
      outbound: this.#outbound,
      inbound: this.#inbound,
      windowPackets: settings.windowPackets,
      timeouts: settings.streams,
      services,
      onChange: () => this.#streamsChanged(),
    });
    this.#heartbeat = new Heartbeat(socket, settings, () => this.#inbound.isHeldBack);
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
    return this.#streams.isEmpty;
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
      this.#streams.failure(error);
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
      this.#streams.refuse(error.stream, "host-malformed");
      return null;
    }
  }

  #onFrame(frame: Frame): void {
    if (this.#features) this.#streams.take(frame, this.#features);
    else this.#onHandshake(frame);
  }

  #onHandshake(frame: Frame): void {
    if (frame.type !== "info" || frame.stream !== CONNECTION_STREAM) throw new ProtocolError("INFO was expected");
    if (frame.major !== VERSION.major) throw new ProtocolError("a version that was not offered");
    const features = agree(this.#settings.offer, frame.extensions);
    if (!features) throw new ProtocolError("a malformed extension");
    this.#begin(features);
  }

  /** There is a stream more, or less. */
  #streamsChanged(): void {
    this.#setIdle();
    if (this.#services.isDraining() && this.isIdle) this.close(SOCKET_CLOSE.RESTARTING, "the relay restarts");
  }

  #onClose(code: number): void {
    this.#shutDown();
    this.#onClosed(code);
  }

  #shutDown(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#outbound.close();
    this.#streams.abort("connection-closed");
    this.#inbound.close();
    this.#heartbeat.stop();
    for (const timer of [this.#deadline, this.#handshake, this.#idle]) if (timer) clearTimeout(timer);
  }
}
