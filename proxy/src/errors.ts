import { CLOSE_REASON } from "warmboot/wisp";

/** Why a stream was not opened, or ended early: stable, in the audit log and the metrics. */
export type StreamErrorCode =
  | "stream-type-denied"
  | "host-malformed"
  | "port-denied"
  | "host-denied"
  | "address-denied"
  | "name-unresolved"
  | "name-timeout"
  | "connect-refused"
  | "connect-timeout"
  | "connect-unreachable"
  | "connect-failed"
  | "limit-streams"
  | "limit-connects"
  | "draining"
  | "question-malformed"
  | "answers-unread"
  | "upstream-reset"
  | "stream-idle"
  | "stream-lifetime"
  | "client-closed"
  | "connection-closed"
  | "internal";

/** The reason in the CLOSE to the client, by code. */
export const CLOSE_REASONS: Readonly<Record<StreamErrorCode, number>> = {
  "stream-type-denied": CLOSE_REASON.INVALID_INFO,
  "host-malformed": CLOSE_REASON.INVALID_INFO,
  "port-denied": CLOSE_REASON.BLOCKED,
  "host-denied": CLOSE_REASON.BLOCKED,
  "address-denied": CLOSE_REASON.BLOCKED,
  "name-unresolved": CLOSE_REASON.UNREACHABLE,
  "name-timeout": CLOSE_REASON.UNREACHABLE,
  "connect-refused": CLOSE_REASON.REFUSED,
  "connect-timeout": CLOSE_REASON.TIMED_OUT,
  "connect-unreachable": CLOSE_REASON.UNREACHABLE,
  "connect-failed": CLOSE_REASON.NETWORK_ERROR,
  "limit-streams": CLOSE_REASON.THROTTLED,
  "limit-connects": CLOSE_REASON.THROTTLED,
  draining: CLOSE_REASON.THROTTLED,
  "question-malformed": CLOSE_REASON.INVALID_INFO,
  "answers-unread": CLOSE_REASON.THROTTLED,
  "upstream-reset": CLOSE_REASON.NETWORK_ERROR,
  "stream-idle": CLOSE_REASON.TRANSFER_TIMEOUT,
  "stream-lifetime": CLOSE_REASON.TRANSFER_TIMEOUT,
  "client-closed": CLOSE_REASON.VOLUNTARY,
  "connection-closed": CLOSE_REASON.VOLUNTARY,
  internal: CLOSE_REASON.UNKNOWN,
};

/** A stream that the relay does not open, or does not go on with. */
export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Why the relay does not answer a request, as the client reads it. */
export type RefusalCode =
  | "not-found"
  | "method-not-allowed"
  | "bad-request"
  | "upgrade-required"
  | "token-missing"
  | "token-invalid"
  | "token-expired"
  | "origin-denied"
  | "subject-denied"
  | "limit-connections"
  | "limit-tickets"
  | "limit-attempts"
  | "draining"
  | "unavailable";

const STATUS: Readonly<Record<RefusalCode, number>> = {
  "not-found": 404,
  "method-not-allowed": 405,
  "bad-request": 400,
  "upgrade-required": 426,
  "token-missing": 401,
  "token-invalid": 401,
  "token-expired": 401,
  "origin-denied": 403,
  "subject-denied": 403,
  "limit-connections": 429,
  "limit-tickets": 429,
  "limit-attempts": 429,
  draining: 503,
  unavailable: 503,
};

/** An HTTP request, or an upgrade, that the relay refuses. The message is shown to the client: it never holds what the client sent. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: RefusalCode;
  /** For `Retry-After`; `null` when waiting does not help. */
  readonly retryAfterSeconds: number | null;

  constructor(code: RefusalCode, message: string, retryAfterSeconds: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get status(): number {
    return STATUS[this.code];
  }
}
