import type { StreamError, StreamErrorCode } from "../errors.ts";
import type { Features } from "../wisp/handshake.ts";
import type { Inbound } from "../wisp/inbound.ts";
import type { Outbound } from "../wisp/outbound.ts";

/** How a stream ended: `finished` when both ends wanted it so. */
export type Outcome = StreamErrorCode | "finished";

/** One stream, as the connection that carries it sees it. */
export interface Stream {
  /** DATA came. */
  receive(bytes: Uint8Array): void;
  /** CONTINUE came: so many bytes more may be sent. */
  grant(bytes: number): void;
  /** CLOSE came. */
  closeByClient(reason: number): void;
  /** Ends the stream from here; the client is told unless the connection is gone. */
  abort(code: StreamErrorCode): void;
}

/** What a connection gives to a stream of its own. */
export interface StreamHost {
  readonly id: number;
  readonly features: Features;
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly windowPackets: number;
  readonly timeouts: StreamTimeouts;
  /** The id is free: neither end says anything about the stream any more. */
  forget(): void;
  /** What an error is to the client. One that is a mistake of the relay's own is written down. */
  failure(error: unknown): StreamError;
  /** Nothing of the stream is left. Called once. */
  release(outcome: Outcome): void;
  /** Bytes that passed, for the audit. */
  readonly counted: { up: number; down: number };
}

export interface StreamTimeouts {
  readonly idleMs: number;
  readonly lifetimeMs: number;
  /** How long a destination's answer is still passed on after the client has closed. */
  readonly lingerMs: number;
  readonly lingerBytes: number;
}
