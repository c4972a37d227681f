import type { Route } from "../packet/ipv4.ts";
import {
  FLAG,
  finishSegment,
  type SegmentHeader,
  segmentPacket,
  synPacket,
  TCP_PAYLOAD_AT,
} from "../packet/tcp-segment.ts";
import type { Ends, Surroundings } from "./peer.ts";
import type { Receiver } from "./receiver.ts";
import type { Piece, Sender } from "./sender.ts";

/** Writes one connection's segments to the guest. */
export class SegmentWriter {
  readonly #around: Surroundings;
  readonly #route: Route;
  readonly #ends: Ends;

  constructor(around: Surroundings, route: Route, ends: Ends) {
    this.#around = around;
    this.#route = route;
    this.#ends = ends;
  }

  /** @param receiver What the guest's SYN has made; `null` when ours is the first. */
  syn(sender: Sender, receiver: Receiver | null, scale: number | null): void {
    const flags = FLAG.SYN | (receiver ? FLAG.ACK : 0);
    // The window of a SYN is never scaled.
    const header = this.#header(receiver?.next ?? 0, flags, sender.initial, 0xffff);
    this.#around.send(synPacket(this.#route, header, this.#around.mss(), scale));
  }

  /** A piece of what is sent, with its bytes. */
  piece(sender: Sender, receiver: Receiver, piece: Piece): void {
    const { sequence, size, fin } = piece;
    const flags = FLAG.ACK | (size > 0 ? FLAG.PSH : 0) | (fin ? FLAG.FIN : 0);
    const header = this.#header(receiver.next, flags, sequence, receiver.tellWindow());
    const packet = segmentPacket(this.#route, header, size);
    sender.copy(piece, packet, TCP_PAYLOAD_AT);
    this.#around.send(finishSegment(packet, this.#route, sender.mss, this.#around.offload()));
  }

  /** A segment without bytes. */
  plain(receiver: Receiver, flags: number, sequence: number): void {
    const header = this.#header(receiver.next, flags, sequence, receiver.tellWindow());
    const packet = segmentPacket(this.#route, header, 0);
    this.#around.send(finishSegment(packet, this.#route, 0, this.#around.offload()));
  }

  #header(acknowledgment: number, flags: number, sequence: number, window: number): SegmentHeader {
    const ends = { sourcePort: this.#ends.remote, destinationPort: this.#ends.guest };
    return { ...ends, sequence, acknowledgment, flags, window };
  }
}
