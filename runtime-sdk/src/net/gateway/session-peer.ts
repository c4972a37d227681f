import type { Connection } from "../tcp/connection.ts";
import type { Peer } from "../tcp/peer.ts";
import { type ConnectionInfo, type FromGateway, SOCKET_WINDOW } from "./messages.ts";

/** What a connection of the session needs. */
export interface SessionPeerHost {
  readonly connection: () => Connection;
  post(message: FromGateway, transfer?: ArrayBuffer[]): void;
  over(): void;
}

/** The session as the other side of a connection to a port of the guest. */
export class SessionPeer implements Peer {
  readonly #host: SessionPeerHost;
  readonly #id: number;
  readonly #port: number;
  #credit = SOCKET_WINDOW;
  #isOpen = false;
  #isOver = false;
  #sentBytes = 0;
  #receivedBytes = 0;

  constructor(host: SessionPeerHost, id: number, port: number) {
    this.#host = host;
    this.#id = id;
    this.#port = port;
  }

  get info(): ConnectionInfo {
    return {
      direction: "in",
      host: "guest",
      port: this.#port,
      sentBytes: this.#sentBytes,
      receivedBytes: this.#receivedBytes,
      state: this.#isOver ? "closing" : this.#isOpen ? "open" : "opening",
    };
  }

  /** The session has taken bytes. */
  credit(bytes: number): void {
    this.#credit += bytes;
    this.#host.connection().resume();
  }

  /** The session has sent bytes. */
  send(bytes: Uint8Array): void {
    this.#host.connection().write(bytes);
  }

  get room(): number {
    return this.#credit;
  }

  write(bytes: Uint8Array): void {
    this.#credit -= bytes.byteLength;
    this.#sentBytes += bytes.byteLength;
    const copy = bytes.slice();
    this.#host.post({ type: "socket-data", id: this.#id, bytes: copy }, [copy.buffer]);
  }

  end(): void {
    this.#host.post({ type: "socket-end", id: this.#id });
  }

  taken(count: number): void {
    this.#receivedBytes += count;
    this.#host.post({ type: "socket-credit", id: this.#id, bytes: count });
  }

  opened(): void {
    this.#isOpen = true;
    this.#host.post({ type: "socket-open", id: this.#id });
  }

  aborted(reason: "reset" | "refused" | "timed-out"): void {
    this.#finish(reason);
  }

  finished(): void {
    this.#finish(null);
  }

  #finish(reason: "reset" | "refused" | "timed-out" | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#host.post({ type: "socket-closed", id: this.#id, reason });
    this.#host.over();
  }
}
