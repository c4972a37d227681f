import { CLOSE_REASON, CONNECTION_STREAM, encodeClose, type Frame } from "warmboot/wisp";
import type { Audit, StreamRecord } from "../audit/audit.ts";
import { CLOSE_REASONS, StreamError, type StreamErrorCode } from "../errors.ts";
import type { RelayMetrics } from "../metrics.ts";
import type { Session } from "../session.ts";
import type { StreamOpener } from "../streams/opener.ts";
import type { Outcome, Stream, StreamHost, StreamTimeouts } from "../streams/stream.ts";
import type { Features } from "./handshake.ts";
import type { Inbound } from "./inbound.ts";
import type { Outbound } from "./outbound.ts";
import { ProtocolError } from "./protocol-error.ts";
import { UnknownStreams } from "./unknown-streams.ts";

export interface StreamServices {
  readonly opener: StreamOpener;
  readonly audit: Audit;
  readonly metrics: RelayMetrics;
  isDraining(): boolean;
}

/** What the streams need of the connection that carries them. */
export interface StreamCarrier {
  readonly session: Session;
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly windowPackets: number;
  readonly timeouts: StreamTimeouts;
  readonly services: StreamServices;
  /** There is a stream more, or less. */
  onChange(): void;
}

type ConnectFrame = Extract<Frame, { type: "connect" }>;

/** Refusals that are written down one by one, a connection; the rest is counted in the metrics. */
const MAX_REFUSALS_AUDITED = 100;

/** The streams of one connection: begins them, gives them their frames, and counts what they have. */
export class ConnectionStreams {
  readonly #carrier: StreamCarrier;
  /** By the id on the wire. */
  readonly #streams = new Map<number, Stream>();
  /** Also those that the client has forgotten and that still send what it said. */
  readonly #live = new Set<Stream>();
  readonly #unknown = new UnknownStreams();
  #slots = 0;
  #refusals = 0;

  constructor(carrier: StreamCarrier) {
    this.#carrier = carrier;
  }

  get isEmpty(): boolean {
    return this.#slots === 0;
  }

  has(id: number): boolean {
    return this.#streams.has(id);
  }

  /** A frame came that is not of the handshake. @throws ProtocolError */
  take(frame: Frame, features: Features): void {
    if (frame.stream === CONNECTION_STREAM) throw new ProtocolError("stream 0 carries nothing");
    const stream = this.#streams.get(frame.stream);
    switch (frame.type) {
      case "data":
        if (stream) stream.receive(frame.bytes);
        else if (this.#unknown.tell(frame.stream))
          this.#carrier.outbound.control(encodeClose(frame.stream, CLOSE_REASON.INVALID_INFO));
        return;
      case "connect":
        // WHY: a CLOSE in answer would end the stream that has the id.
        if (stream) throw new ProtocolError("a stream id that is in use");
        this.#connect(frame, features);
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

  /** Answers a CONNECT that is not begun. */
  refuse(id: number, code: StreamErrorCode): void {
    const { session, services, outbound } = this.#carrier;
    services.metrics.streamRefused(code);
    if (this.#auditsRefusal()) {
      const { id: sessionId, subject, clientAddress: client } = session;
      services.audit.event("stream-refused", { session: sessionId, subject, client, stream: id, reason: code });
    }
    this.#unknown.tell(id);
    outbound.control(encodeClose(id, CLOSE_REASONS[code]));
  }

  /** What an error is to the client; a mistake of the relay's own is written down. */
  failure(error: unknown): StreamError {
    if (error instanceof StreamError) return error;
    const { session, services } = this.#carrier;
    services.audit.event("internal-error", { session: session.id, error: String(error) });
    return new StreamError("internal", "the relay failed");
  }

  /** Ends all. */
  abort(code: StreamErrorCode): void {
    for (const stream of this.#live) stream.abort(code);
  }

  #connect(frame: ConnectFrame, features: Features): void {
    const { session, services } = this.#carrier;
    const protocol = services.opener.protocol(frame, features);
    if (protocol === null) {
      this.refuse(frame.stream, "stream-type-denied");
      return;
    }
    if (services.isDraining() || this.#slots >= session.maxStreams) {
      this.refuse(frame.stream, services.isDraining() ? "draining" : "limit-streams");
      return;
    }
    const record = this.#record(frame, protocol);
    this.#slots++;
    this.#carrier.onChange();
    this.#unknown.forget(frame.stream);
    services.metrics.streamStarted(protocol);
    const stream = services.opener.open(
      frame,
      record,
      session,
      this.#host(frame.stream, features, (outcome, counted) => this.#release(stream, record, outcome, counted)),
    );
    this.#streams.set(frame.stream, stream);
    this.#live.add(stream);
  }

  #host(id: number, features: Features, release: (outcome: Outcome, counted: StreamHost["counted"]) => void) {
    const { outbound, inbound, windowPackets, timeouts } = this.#carrier;
    const counted = { up: 0, down: 0 };
    const host: StreamHost = {
      id,
      features,
      outbound,
      inbound,
      windowPackets,
      timeouts,
      counted,
      forget: () => {
        this.#streams.delete(id);
        this.#unknown.tell(id);
      },
      failure: (error) => this.failure(error),
      release: (outcome) => release(outcome, counted),
    };
    return host;
  }

  #release(stream: Stream, record: StreamRecord, outcome: Outcome, counted: StreamHost["counted"]): void {
    const { metrics, audit } = this.#carrier.services;
    this.#live.delete(stream);
    this.#slots--;
    metrics.streamEnded(record.protocol, outcome, counted);
    // WHY: what was not even tried costs the client nothing, and must not fill the log.
    if (outcome !== "limit-connects" || this.#auditsRefusal()) audit.streamClosed(record, outcome, counted);
    this.#carrier.onChange();
  }

  #auditsRefusal(): boolean {
    return this.#refusals++ < MAX_REFUSALS_AUDITED;
  }

  #record(frame: ConnectFrame, protocol: StreamRecord["protocol"]): StreamRecord {
    const { id: session, subject, clientAddress: client } = this.#carrier.session;
    const { stream, host, port } = frame;
    const startedAt = performance.now();
    return { session, subject, client, stream, protocol, host, port, address: null, violation: null, startedAt };
  }
}
