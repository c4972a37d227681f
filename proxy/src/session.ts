import type { Semaphore } from "./limits/semaphore.ts";
import type { TokenBucket } from "./limits/token-bucket.ts";

/** Who is connected, and what this connection may use. */
export interface Session {
  /** Of this connection, in the audit. */
  readonly id: string;
  /** Whom the limits count: a token's subject, or an address when clients are anonymous. */
  readonly subject: string;
  readonly clientAddress: string;
  /** When the credentials end, in milliseconds of the epoch; `null`: they do not. */
  readonly expiresAt: number | null;
  /** Streams that may be open, or opening, at the same time. */
  readonly maxStreams: number;
  /** Shared by all connections of the subject. */
  readonly down: TokenBucket;
  readonly up: TokenBucket;
  readonly lookups: Semaphore;
  /** Counts a stream. False: there were too many in the last minute. */
  mayConnect(): Promise<boolean>;
  /** Counts a question to the resolver. */
  mayAsk(): Promise<boolean>;
}
