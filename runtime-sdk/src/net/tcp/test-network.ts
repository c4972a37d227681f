/** A guest of which each segment is written by hand, and a clock that is moved by hand. For tests. */
import { type Ipv4Header, type Route, readIpv4 } from "../packet/ipv4.ts";
import type { Packet } from "../packet/packet.ts";
import {
  FLAG,
  finishSegment,
  readSegment,
  type Segment,
  segmentPacket,
  synPacket,
  TCP_PAYLOAD_AT,
} from "../packet/tcp-segment.ts";
import type { Connection } from "./connection.ts";
import { type Connecting, Connections } from "./connections.ts";
import type { Peer } from "./peer.ts";
import { seqAdd } from "./sequence.ts";

export const GUEST = 0x0a00020f;
export const REMOTE = 0xc6120101;
const MAC = new Uint8Array(6);
export const PORTS = { guest: 40000, remote: 80 } as const;
export const NO_OFFLOAD = { checksum: false, segmentation: false };
export const OFFLOAD = { checksum: true, segmentation: true };

/** The other side of a connection, which notes what it is told. */
export class TestPeer implements Peer {
  room = 2 ** 20;
  readonly events: string[] = [];
  readonly pieces: Uint8Array[] = [];
  takenBytes = 0;

  write(bytes: Uint8Array): void {
    this.room -= bytes.byteLength;
    this.pieces.push(bytes.slice());
  }
  end(): void {
    this.events.push("end");
  }
  taken(count: number): void {
    this.takenBytes += count;
  }
  opened(): void {
    this.events.push("opened");
  }
  aborted(reason: string): void {
    this.events.push(`aborted: ${reason}`);
  }
  finished(): void {
    this.events.push("finished");
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.pieces.flatMap((piece) => [...piece]));
  }
  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }
}

export class TestNetwork {
  readonly peer = new TestPeer();
  readonly connections: Connections;
  /** What came from the gateway and was not looked at. */
  readonly received: Segment[] = [];
  offload = NO_OFFLOAD;
  room = true;
  now = 0;
  connecting: Connecting | null = null;
  #onTick: () => void = () => {};
  /** Numbers of the guest's side. */
  sequence = 1000;
  acknowledged = 0;

  constructor(accepts: "at once" | "later" | "never" = "at once") {
    const connections = new Connections({
      now: () => this.now,
      offload: () => this.offload,
      mss: 1460,
      hasRoom: () => this.room,
      send: (packet) => this.#receive(packet),
      route: (remote, guest) => route(remote, guest),
      open: (connecting) => {
        if (accepts === "never") return null;
        this.connecting = connecting;
        return this.peer;
      },
      repeat: (tick) => {
        this.#onTick = tick;
        return () => {
          this.#onTick = () => {};
        };
      },
    });
    this.connections = connections;
    this.#accepts = accepts;
  }
  readonly #accepts: string;

  get connection(): Connection {
    if (!this.connecting) throw new Error("no SYN has come");
    return this.connecting.connection();
  }

  /** Lets time go by, in steps as the gateway looks at it. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end; ) {
      this.now = Math.min(end, this.now + 100);
      this.#onTick();
    }
  }

  /** Sends a segment of the guest. */
  send(flags: number, payload: string | Uint8Array = "", options: Partial<Segment> = {}): void {
    const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
    const header = {
      sourcePort: PORTS.guest,
      destinationPort: PORTS.remote,
      sequence: this.sequence,
      acknowledgment: this.acknowledged,
      window: 0xffff,
      ...options,
      flags,
    };
    const back = route(GUEST, REMOTE);
    const packet =
      flags & FLAG.SYN
        ? synPacket(back, header, options.mss ?? 1460, options.windowScale ?? null)
        : segmentPacket(back, header, bytes.byteLength);
    packet.set(bytes, TCP_PAYLOAD_AT + (flags & FLAG.SYN ? packet.byteLength - TCP_PAYLOAD_AT - bytes.byteLength : 0));
    if (!(flags & FLAG.SYN)) finishSegment(packet, back, 0, NO_OFFLOAD);
    const ip = readIpv4(packet) as Ipv4Header;
    const counts = bytes.byteLength + Number((flags & FLAG.SYN) !== 0) + Number((flags & FLAG.FIN) !== 0);
    if (options.sequence === undefined) this.sequence = seqAdd(this.sequence, counts);
    this.connections.receive(packet, ip);
    if (flags & FLAG.SYN && this.#accepts === "at once" && this.connecting) this.connection.accept();
    this.connections.flush();
  }

  /** Opens the connection; what the gateway sent for it is taken away. */
  open(options: Partial<Segment> = {}): void {
    this.send(FLAG.SYN, "", options);
    const [answer] = this.received.splice(0);
    if (!answer) throw new Error("the SYN was not answered");
    this.acknowledged = seqAdd(answer.sequence, 1);
    this.send(FLAG.ACK, "", options.window === undefined ? {} : { window: options.window });
  }

  /** Bytes from the other side. */
  write(bytes: string | Uint8Array): void {
    this.connection.write(typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes);
    this.connections.flush();
  }

  /** Acknowledges up to a segment's end. */
  acknowledge({ sequence, payload, flags }: Segment, options: Partial<Segment> = {}): void {
    this.acknowledged = seqAdd(sequence, payload.byteLength + Number((flags & FLAG.FIN) !== 0));
    this.send(FLAG.ACK, "", options);
  }

  /** What has come since the last call, in words. */
  take(): string[] {
    return this.received.splice(0).map((segment) => this.describe(segment));
  }

  describe({ flags, sequence, payload, acknowledgment }: Segment): string {
    const names = Object.entries(FLAG).filter(([, bit]) => flags & bit);
    const text = new TextDecoder().decode(payload.subarray(0, 20));
    const at = (sequence - this.#base) | 0;
    const ack = flags & FLAG.ACK ? ` ack ${(acknowledgment - 1000) | 0}` : "";
    return `${names.map(([name]) => name).join("+")} ${at}${ack}${text && ` ${JSON.stringify(text)}`}`;
  }

  #base = 0;

  #receive(packet: Packet): void {
    const ip = readIpv4(packet);
    const segment = ip && readSegment(packet, ip);
    if (!segment) throw new Error("not a segment");
    if (segment.flags & FLAG.SYN) this.#base = segment.sequence;
    this.received.push(segment);
  }
}

export function route(source: number, destination: number): Route {
  return { source, destination, sourceMac: MAC, destinationMac: MAC };
}

/** A network with a connection that is open. */
export function opened(options: Partial<Segment> = {}): TestNetwork {
  const network = new TestNetwork();
  network.open(options);
  return network;
}

/** `count` bytes of the alphabet, again and again. */
export function letters(count: number, from = 0): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => 97 + ((from + i) % 26));
}
