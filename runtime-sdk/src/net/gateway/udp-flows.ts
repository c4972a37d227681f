import type { Ipv4 } from "../packet/addresses.ts";
import { MAX_UDP_PAYLOAD, type UdpDatagram } from "../packet/udp.ts";
import type { RelayLink } from "../relay/relay-link.ts";
import type { WispStream } from "../relay/wisp-stream.ts";
import { CLOSE_REASON } from "../wisp/index.ts";

const MAX_FLOWS = 128;
const IDLE_MS = 60_000;
const LOOK_MS = 10_000;

interface Flow {
  readonly stream: WispStream;
  usedAt: number;
}

/** Where the guest's datagrams go, and what comes back. */
export interface UdpEnds {
  readonly guest: Ipv4;
  readonly remote: Ipv4;
  readonly guestPort: number;
  readonly remotePort: number;
}

/** UDP to the outside, by streams of the relay. */
export class UdpFlows {
  readonly #link: RelayLink;
  readonly #deliver: (ends: UdpEnds, payload: Uint8Array) => void;
  readonly #refused: (host: string, port: number, reason: number) => void;
  readonly #flows = new Map<string, Flow>();
  #timer: ReturnType<typeof setInterval> | null = null;

  /**
   * @param deliver Gets what comes back.
   * @param refused The relay has ended a flow, for this reason of its own.
   */
  constructor(
    link: RelayLink,
    deliver: (ends: UdpEnds, payload: Uint8Array) => void,
    refused: (host: string, port: number, reason: number) => void,
  ) {
    this.#link = link;
    this.#deliver = deliver;
    this.#refused = refused;
  }

  /** Whether the relay carries UDP now. */
  get isPossible(): boolean {
    return this.#link.connection?.abilities?.udp ?? false;
  }

  /** Sends a datagram to `host`; it may be lost, as datagrams are. */
  send(ends: UdpEnds, host: string, { payload }: UdpDatagram): void {
    const key = `${ends.guest}:${ends.guestPort}-${ends.remote}:${ends.remotePort}`;
    const flow = this.#flows.get(key) ?? this.#open(key, ends, host);
    if (!flow) return;
    flow.usedAt = Date.now();
    if (flow.stream.room > 0) flow.stream.write(payload);
  }

  /** Whether a flow goes to an address. */
  uses(address: Ipv4): boolean {
    for (const key of this.#flows.keys()) if (key.includes(`-${address}:`)) return true;
    return false;
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const { stream } of this.#flows.values()) stream.close(CLOSE_REASON.VOLUNTARY);
    this.#flows.clear();
  }

  #open(key: string, ends: UdpEnds, host: string): Flow | null {
    if (this.#flows.size >= MAX_FLOWS) this.#expire(0);
    if (this.#flows.size >= MAX_FLOWS) return null;
    const gone = () => this.#flows.delete(key);
    let flow: Flow | null = null;
    const stream = this.#link.connection?.open(host, ends.remotePort, false, {
      connected: () => {},
      data: (bytes) => {
        if (flow) flow.usedAt = Date.now();
        stream?.taken(bytes.byteLength);
        if (bytes.byteLength <= MAX_UDP_PAYLOAD) this.#deliver(ends, bytes);
      },
      ended: gone,
      closed: (reason) => {
        gone();
        this.#refused(host, ends.remotePort, reason);
      },
      drained: () => {},
    });
    if (!stream) return null;
    flow = { stream, usedAt: Date.now() };
    this.#flows.set(key, flow);
    this.#timer ??= setInterval(() => this.#expire(IDLE_MS), LOOK_MS);
    return flow;
  }

  /** Ends flows that were not used for `idleMs`; with 0, the one that was not used for longest. */
  #expire(idleMs: number): void {
    const oldest = [...this.#flows].sort(([, a], [, b]) => a.usedAt - b.usedAt);
    const due = idleMs === 0 ? oldest.slice(0, 1) : oldest.filter(([, { usedAt }]) => Date.now() - usedAt > idleMs);
    for (const [key, { stream }] of due) {
      this.#flows.delete(key);
      stream.close(CLOSE_REASON.VOLUNTARY);
    }
    if (this.#flows.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
