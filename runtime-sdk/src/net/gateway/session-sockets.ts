import type { Ipv4 } from "../packet/addresses.ts";
import type { Connection } from "../tcp/connection.ts";
import type { Connections } from "../tcp/connections.ts";
import type { ConnectionInfo, FromGateway, ToGateway } from "./messages.ts";
import { SessionPeer } from "./session-peer.ts";

type ConnectMessage = Extract<ToGateway, { readonly type: "connect" }>;
type SocketMessage = Extract<ToGateway, { readonly type: `socket-${string}` }>;

/** Connections that the session opens to ports of the guest. */
export class SessionSockets {
  readonly #connections: Connections;
  readonly #post: (message: FromGateway, transfer?: ArrayBuffer[]) => void;
  /** Asked for, while it is looked for the guest. */
  readonly #wanted = new Set<number>();
  readonly #sockets = new Map<number, { readonly peer: SessionPeer; readonly connection: Connection }>();

  constructor(connections: Connections, post: (message: FromGateway, transfer?: ArrayBuffer[]) => void) {
    this.#connections = connections;
    this.#post = post;
  }

  get infos(): ConnectionInfo[] {
    return [...this.#sockets.values()].map(({ peer }) => peer.info);
  }

  receive(message: SocketMessage): void {
    if (message.type === "socket-close") this.#wanted.delete(message.id);
    const socket = this.#sockets.get(message.id);
    if (!socket) return;
    const { peer, connection } = socket;
    switch (message.type) {
      case "socket-data":
        peer.send(message.bytes);
        return;
      case "socket-end":
        connection.end(false);
        return;
      case "socket-credit":
        peer.credit(message.bytes);
        return;
      case "socket-close":
        this.#sockets.delete(message.id);
        connection.reset();
        return;
    }
  }

  /** The session wants a connection; `connect` when it is known where the guest is. */
  wanted({ id }: ConnectMessage): void {
    this.#wanted.add(id);
  }

  /** Connects, unless it is not wanted any more. @param guest The guest's address; `null`: it has none yet. */
  connect({ id, port }: ConnectMessage, gateway: Ipv4, guest: Ipv4 | null): void {
    if (!this.#wanted.delete(id)) return;
    const closed = (reason: "no-guest" | "refused") => this.#post({ type: "socket-closed", id, reason });
    if (guest === null) {
      closed("no-guest");
      return;
    }
    let connection: Connection | null = null;
    const peer = new SessionPeer(
      {
        connection: () => connection as Connection,
        post: this.#post,
        over: () => this.#sockets.delete(id),
      },
      id,
      port,
    );
    try {
      connection = this.#connections.connect(guest, gateway, port, peer);
      this.#sockets.set(id, { peer, connection });
    } catch {
      closed("refused");
    }
  }
}
