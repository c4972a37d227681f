import type { Ipv4 } from "../packet/addresses.ts";
import type { Ipv4Header, Route } from "../packet/ipv4.ts";
import type { Packet } from "../packet/packet.ts";
import { FLAG, finishSegment, type Offload, readSegment, type Segment, segmentPacket } from "../packet/tcp-segment.ts";
import { Connection } from "./connection.ts";
import type { Ends, Peer } from "./peer.ts";
import { seqAdd } from "./sequence.ts";

/** What the connections need of the gateway. */
export interface TcpHost {
  now(): number;
  offload(): Offload;
  readonly mss: number;
  hasRoom(): boolean;
  send(packet: Packet): void;
  route(remote: Ipv4, guest: Ipv4): Route;
  /** The guest opens a connection: the other side, or `null` when it is to be refused. */
  open(connecting: Connecting): Peer | null;
  /** Calls `tick` every now and then; returns what ends that. */
  repeat(tick: () => void): () => void;
}

/** A connection that the guest opens. */
export interface Connecting {
  readonly guest: Ipv4;
  readonly remote: Ipv4;
  readonly ends: Ends;
  /** What an ICMP error about it quotes. */
  readonly packet: Packet;
  readonly header: Ipv4Header;
  /** The connection; from when `open` has returned. */
  readonly connection: () => Connection;
}

/** A connection that a saved machine had. */
export interface SavedConnection {
  readonly guest: Ipv4;
  readonly remote: Ipv4;
  readonly ends: Ends;
  /** Our next sequence number. */
  readonly next: number;
}

const MAX_CONNECTIONS = 1024;
const FIRST_EPHEMERAL = 49152;

interface Entry {
  readonly guest: Ipv4;
  readonly remote: Ipv4;
  readonly connection: Connection;
}

/** All TCP connections of the guest. */
export class Connections {
  readonly #host: TcpHost;
  readonly #entries = new Map<string, Entry>();
  readonly #awake = new Set<Connection>();
  #endTicks: (() => void) | null = null;
  // RFC 6056, 3.3.3. WHY: a guest that goes on from a saved state has connections with the ports of before.
  #nextPort = FIRST_EPHEMERAL + (randomU32() % (2 ** 16 - FIRST_EPHEMERAL));
  #isFlushing = false;

  constructor(host: TcpHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#entries.size;
  }

  get all(): Connection[] {
    return [...this.#entries.values()].map(({ connection }) => connection);
  }

  /** Those that a program of the guest may wait for. */
  get saved(): SavedConnection[] {
    return [...this.#entries.values()]
      .filter(({ connection: { state } }) => state !== "opening" && state !== "time-wait" && state !== "closed")
      .map(({ guest, remote, connection: { ends, next } }) => ({ guest, remote, ends, next }));
  }

  /** Takes a packet of the guest with TCP in it. */
  receive(packet: Packet, header: Ipv4Header): void {
    const segment = readSegment(packet, header);
    if (!segment) return;
    const { source: guest, destination: remote } = header;
    const key = keyOf(guest, remote, { guest: segment.sourcePort, remote: segment.destinationPort });
    const entry = this.#entries.get(key);
    if (entry && !entry.connection.givesWayTo(segment)) {
      entry.connection.receive(segment);
      return;
    }
    if (entry) {
      entry.connection.giveWay();
      this.#remove(key, entry);
    }
    if ((segment.flags & (FLAG.SYN | FLAG.ACK | FLAG.RST)) === FLAG.SYN) this.#open(key, packet, header, segment);
    else this.#refuse(header, segment);
  }

  /** Opens a connection to a port of the guest. @throws RangeError when there are too many. */
  connect(guest: Ipv4, remote: Ipv4, port: number, peer: Peer): Connection {
    if (!this.#hasPlace()) throw new RangeError("too many connections");
    const ends = { guest: port, remote: this.#freePort(guest, remote, port) };
    const route = this.#host.route(remote, guest);
    const connection = Connection.toGuest(this.#surroundings, route, ends, randomU32(), peer);
    this.#add(keyOf(guest, remote, ends), { guest, remote, connection });
    return connection;
  }

  /** Tells the guest that a connection of before is gone: who waits for it must not wait for ever. */
  resetSaved({ guest, remote, ends, next }: SavedConnection): void {
    const header = { sourcePort: ends.remote, destinationPort: ends.guest, window: 0 };
    const route = this.#host.route(remote, guest);
    const packet = segmentPacket(route, { ...header, sequence: next, acknowledgment: 0, flags: FLAG.RST }, 0);
    this.#host.send(finishSegment(packet, route, 0, this.#host.offload()));
  }

  /** Sends what there is to send. */
  flush(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    while (this.#awake.size > 0) {
      for (const connection of this.#awake) if (!connection.flush()) this.#awake.delete(connection);
      if (this.#awake.size > 0 && !this.#host.hasRoom()) break;
    }
    this.#isFlushing = false;
  }

  /** Ends all of them; the guest is told. */
  reset(): void {
    for (const { connection } of this.#entries.values()) connection.reset();
    this.#sweep();
  }

  close(): void {
    this.#endTicks?.();
    this.#endTicks = null;
    this.#entries.clear();
    this.#awake.clear();
  }

  #open(key: string, packet: Packet, header: Ipv4Header, segment: Segment): void {
    const { source: guest, destination: remote } = header;
    const ends = { guest: segment.sourcePort, remote: segment.destinationPort };
    let connection: Connection | null = null;
    const connecting: Connecting = {
      guest,
      remote,
      ends,
      packet,
      header,
      connection: () => {
        if (!connection) throw new Error("the connection is not made yet");
        return connection;
      },
    };
    const peer = this.#hasPlace() ? this.#host.open(connecting) : null;
    if (!peer) {
      this.#refuse(header, segment);
      return;
    }
    const route = this.#host.route(remote, guest);
    connection = Connection.fromGuest(this.#surroundings, route, segment, randomU32(), peer);
    this.#add(key, { guest, remote, connection });
  }

  /** RFC 9293, 3.10.7.1: a segment of a connection that there is not. */
  #refuse(header: Ipv4Header, segment: Segment): void {
    if (segment.flags & FLAG.RST) return;
    const route = this.#host.route(header.destination, header.source);
    const ends = { sourcePort: segment.destinationPort, destinationPort: segment.sourcePort, window: 0 };
    const isSyn = (segment.flags & FLAG.SYN) !== 0;
    const length = segment.payload.byteLength + Number(isSyn) + Number((segment.flags & FLAG.FIN) !== 0);
    const reply =
      segment.flags & FLAG.ACK
        ? { sequence: segment.acknowledgment, acknowledgment: 0, flags: FLAG.RST }
        : { sequence: 0, acknowledgment: seqAdd(segment.sequence, length), flags: FLAG.RST | FLAG.ACK };
    const packet = segmentPacket(route, { ...ends, ...reply }, 0);
    this.#host.send(finishSegment(packet, route, 0, this.#host.offload()));
  }

  readonly #surroundings = {
    now: () => this.#host.now(),
    hasRoom: () => this.#host.hasRoom(),
    send: (packet: Packet) => this.#host.send(packet),
    wake: (connection: Connection) => void this.#awake.add(connection),
    offload: () => this.#host.offload(),
    mss: () => this.#host.mss,
  };

  #add(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#endTicks ??= this.#host.repeat(() => this.#tick());
  }

  #tick(): void {
    for (const { connection } of [...this.#entries.values()]) connection.tick();
    this.#sweep();
    this.flush();
  }

  #sweep(): void {
    for (const [key, entry] of this.#entries) if (entry.connection.isClosed) this.#remove(key, entry);
    if (this.#entries.size > 0) return;
    this.#endTicks?.();
    this.#endTicks = null;
  }

  #remove(key: string, { connection }: Entry): void {
    this.#entries.delete(key);
    this.#awake.delete(connection);
  }

  /** Whether there is a place for one more; those that only wait for time to pass give theirs up, the oldest first. */
  #hasPlace(): boolean {
    if (this.#entries.size < MAX_CONNECTIONS) return true;
    this.#sweep();
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size < MAX_CONNECTIONS) break;
      if (entry.connection.isIdle) this.#remove(key, entry);
    }
    return this.#entries.size < MAX_CONNECTIONS;
  }

  #freePort(guest: Ipv4, remote: Ipv4, port: number): number {
    for (;;) {
      const ends = { guest: port, remote: this.#nextPort };
      this.#nextPort = this.#nextPort === 0xffff ? FIRST_EPHEMERAL : this.#nextPort + 1;
      if (!this.#entries.has(keyOf(guest, remote, ends))) return ends.remote;
    }
  }
}

function keyOf(guest: Ipv4, remote: Ipv4, ends: Ends): string {
  return `${guest}:${ends.guest}-${remote}:${ends.remote}`;
}

/** RFC 9293, 3.4.1, and RFC 6056 want numbers that are not to be guessed. */
function randomU32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number;
}
