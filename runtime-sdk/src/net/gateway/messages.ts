import type { RelayState } from "../relay/relay-link.ts";

/** A relay as the gateway is told of it. The token is asked for when it is needed. */
export interface RelaySettings {
  readonly url: string;
  /** Take one without TLS that is not on this computer. */
  readonly allowPlain: boolean;
}

/** A connection between the guest and the outside. */
export interface ConnectionInfo {
  /** Who opened it. */
  readonly direction: "out" | "in";
  /** The name that the guest asked for, or an address in dots. `guest` when it is one to the guest. */
  readonly host: string;
  /** The port there. */
  readonly port: number;
  /** Bytes that the guest has sent. */
  readonly sentBytes: number;
  /** Bytes that the guest has received. */
  readonly receivedBytes: number;
  /** `opening`: the other end has not answered. */
  readonly state: "opening" | "open" | "closing";
}

/** Something that the guest wanted and did not get. */
export interface BlockedConnection {
  /** The name that the guest asked for, or an address in dots; "" when it is not known. */
  readonly host: string;
  /** The port there, 0 when it is not known. */
  readonly port: number;
  /**
   * `policy`: the relay does not allow it; `limit`: one of the relay's limits is reached; `overrun`: nobody read what arrived, and the relay cannot
   * be told to wait; `no-udp`: the relay carries no UDP.
   */
  readonly reason: "policy" | "limit" | "overrun" | "no-udp";
}

/** Session to gateway. */
export type ToGateway =
  /** Takes part in a LAN, once and for all. */
  | { readonly type: "lan"; readonly name: string }
  | { readonly type: "relay"; readonly relay: RelaySettings | null }
  /** The answer to `credentials-wanted`. `isFinal`: the next answer will be the same. */
  | { readonly type: "credentials"; readonly id: number; readonly token: string | null; readonly isFinal: boolean }
  | { readonly type: "credentials-failed"; readonly id: number; readonly reason: string }
  /** Opens a connection to a port of the guest. */
  | { readonly type: "connect"; readonly id: number; readonly port: number }
  | { readonly type: "socket-data"; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Nothing more will be sent. */
  | { readonly type: "socket-end"; readonly id: number }
  /** So many bytes more may be sent to the session. */
  | { readonly type: "socket-credit"; readonly id: number; readonly bytes: number }
  | { readonly type: "socket-close"; readonly id: number }
  /** Answered with `connections`. */
  | { readonly type: "connections"; readonly id: number }
  /** Begins to send each packet, or ends it. `credit`: bytes that may be sent in addition. */
  | { readonly type: "capture"; readonly id: number; readonly credit: number }
  | { readonly type: "capture-end"; readonly id: number };

/** Gateway to session. */
export type FromGateway =
  | { readonly type: "relay-state"; readonly state: RelayState }
  /** The guest's address on its LAN, in dots; `null`: there is none left. */
  | { readonly type: "lan-address"; readonly address: string | null }
  | { readonly type: "credentials-wanted"; readonly id: number }
  | { readonly type: "blocked"; readonly blocked: BlockedConnection }
  | { readonly type: "socket-open"; readonly id: number }
  | { readonly type: "socket-data"; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The guest will send nothing more. */
  | { readonly type: "socket-end"; readonly id: number }
  /** The guest has taken so many bytes. */
  | { readonly type: "socket-credit"; readonly id: number; readonly bytes: number }
  /** The connection is over; `null`: both sides have ended it. */
  | {
      readonly type: "socket-closed";
      readonly id: number;
      readonly reason: "refused" | "reset" | "timed-out" | "no-guest" | null;
    }
  | { readonly type: "connections"; readonly id: number; readonly connections: readonly ConnectionInfo[] }
  | { readonly type: "captured"; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> };

/** Bytes that may be on their way between session and gateway on one connection, in each direction. */
export const SOCKET_WINDOW = 256 * 1024;
