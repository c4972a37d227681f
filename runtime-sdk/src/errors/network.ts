/** What can go wrong with connections to the guest. */
import { WarmbootError } from "./errors.ts";

/** Thrown when a connection to a port of the guest could not be made, or was lost. */
export class GuestConnectionError extends WarmbootError {
  readonly code = "guest-connection-failed";
  override readonly name = "GuestConnectionError";
  /** The guest's port. */
  readonly port: number;
  /**
   * `refused`: nobody listens there; `reset`: the guest or the machine ended it; `timed-out`: the guest did not answer; `no-guest`: the guest has no
   * address yet.
   */
  readonly reason: "refused" | "reset" | "timed-out" | "no-guest";
  constructor(port: number, reason: GuestConnectionError["reason"]) {
    super(`${WHAT[reason](port)}`, HINT[reason]);
    this.port = port;
    this.reason = reason;
  }
}

const WHAT = {
  refused: (port: number) => `nobody in the guest listens on port ${port}`,
  reset: (port: number) => `the connection to the guest's port ${port} was reset`,
  "timed-out": (port: number) => `the guest did not answer on port ${port}`,
  "no-guest": (port: number) => `no connection to the guest's port ${port}: its network is not up`,
};
const HINT = {
  refused: "Start the server, on 0.0.0.0 and not on 127.0.0.1 only; the event `port` says when it listens.",
  reset: "Connect again.",
  "timed-out": "Look whether the machine runs, and try again.",
  "no-guest": "Look whether eth0 has an address in the guest (`ip address`).",
};

/** Thrown when a server in the guest answers with something that is not HTTP, or ends in the middle of it. */
export class GuestHttpError extends WarmbootError {
  readonly code = "guest-http-failed";
  override readonly name = "GuestHttpError";
  /** The guest's port. */
  readonly port: number;
  /** What is wrong with the answer. */
  readonly detail: string;
  constructor(port: number, detail: string) {
    super(
      `the answer of the guest's port ${port} cannot be used: ${detail}`,
      "Look whether it is an HTTP/1.1 server that listens there, and what it logs.",
    );
    this.port = port;
    this.detail = detail;
  }
}
