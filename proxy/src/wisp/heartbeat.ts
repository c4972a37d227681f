import type { WebSocket } from "ws";

/** Finds out when a client is gone without a word. */
export class Heartbeat {
  readonly #socket: WebSocket;
  readonly #interval: NodeJS.Timeout;
  #heardAt = performance.now();

  /** @param isHeldBack whether the relay itself keeps the client waiting: then its silence says nothing. */
  constructor(
    socket: WebSocket,
    { pingMs, pongMs }: { readonly pingMs: number; readonly pongMs: number },
    isHeldBack: () => boolean,
  ) {
    this.#socket = socket;
    socket.on("pong", () => this.alive());
    socket.on("ping", () => this.alive());
    this.#interval = setInterval(() => {
      if (isHeldBack()) this.alive();
      else if (performance.now() - this.#heardAt > pingMs + pongMs) socket.terminate();
      else this.#ping();
    }, pingMs);
  }

  /** The client was heard. */
  alive(): void {
    this.#heardAt = performance.now();
  }

  stop(): void {
    clearInterval(this.#interval);
  }

  #ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }
}
