import type { NetCard } from "./net-card.ts";

/** What is behind the machine's network card. Whoever wires the machine brings one. */
export interface NetworkSide {
  /** The longest IPv4 packet that it takes. */
  readonly maxMtu: number;
  /** Called once, before the machine runs. */
  attach(card: NetCard): void;
  /** A packet of the guest, in an array of its own: virtio's header and an Ethernet frame. */
  receivePacket(packet: Uint8Array<ArrayBuffer>): void;
  /** The guest has sent all that it had. */
  flush(): void;
  /** The machine stands still, or goes on. */
  pause(paused: boolean): void;
  /** What of it goes with a saved machine, and comes back with it. */
  save(): Uint8Array<ArrayBuffer>;
  restore(bytes: Uint8Array): void;
}
