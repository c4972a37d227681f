import type { Packet } from "../packet/packet.ts";
import type { Offload } from "../packet/tcp-segment.ts";
import type { Connection } from "./connection.ts";

/** The other side of a guest's connection. */
export interface Peer {
  /** How many bytes it takes now. */
  readonly room: number;
  /** Takes bytes, at most `room`; they are its own from then on. */
  write(bytes: Uint8Array): void;
  /** The guest sends nothing more. */
  end(): void;
  /** The guest has taken bytes. */
  taken(count: number): void;
  /** The connection was opened from our side, and the guest has answered. */
  opened(): void;
  /** The connection is over, other than by both ends: nothing follows. */
  aborted(reason: "reset" | "refused" | "timed-out"): void;
  /** Both directions have ended. */
  finished(): void;
}

/** What a connection needs of the gateway. */
export interface Surroundings {
  now(): number;
  offload(): Offload;
  /** The most payload of one segment to the guest. */
  mss(): number;
  /** Whether a packet would go to the guest at once. */
  hasRoom(): boolean;
  send(packet: Packet): void;
  /** `flush` is wanted when the guest has been heard out. */
  wake(connection: Connection): void;
}

/** Both ends of a connection; `guest` is the guest's port. */
export interface Ends {
  readonly guest: number;
  readonly remote: number;
}
