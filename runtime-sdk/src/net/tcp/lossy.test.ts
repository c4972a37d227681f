/** Two of our own ends with a bad line between them: what comes out is what went in, whatever is lost, doubled or overtaken. */
import { expect, it } from "vitest";
import { readIpv4 } from "../packet/ipv4.ts";
import type { Packet } from "../packet/packet.ts";
import { Connections } from "./connections.ts";
import { NO_OFFLOAD, route, TestPeer } from "./test-network.ts";

const A = 0x0a00020f;
const B = 0xc6120101;

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class Line {
  now = 0;
  readonly ticks = new Set<() => void>();
  readonly #random: () => number;
  readonly #loss: number;
  readonly #travelling: { readonly at: number; readonly to: Connections; readonly packet: Packet }[] = [];

  constructor(random: () => number, loss: number) {
    this.#random = random;
    this.#loss = loss;
  }

  end(to: () => Connections, open: (connections: Connections) => TestPeer): Connections {
    const connections: Connections = new Connections({
      now: () => this.now,
      offload: () => NO_OFFLOAD,
      mss: 1000,
      hasRoom: () => this.#travelling.length < 100,
      send: (packet) => this.#send(to(), packet),
      route,
      open: ({ connection }) => {
        const peer = open(connections);
        queueMicrotask(() => {
          connection().accept();
        });
        return peer;
      },
      repeat: (tick) => {
        this.ticks.add(tick);
        return () => this.ticks.delete(tick);
      },
    });
    return connections;
  }

  async step(): Promise<void> {
    this.now += 10;
    const due = this.#travelling.filter(({ at }) => at <= this.now).sort((a, b) => a.at - b.at);
    for (const each of due) {
      this.#travelling.splice(this.#travelling.indexOf(each), 1);
      const ip = readIpv4(each.packet);
      if (ip) each.to.receive(each.packet, ip);
      each.to.flush();
    }
    if (this.now % 100 === 0) for (const tick of this.ticks) tick();
    await null;
  }

  #send(to: Connections, packet: Packet): void {
    const times = this.#random() < this.#loss ? 0 : this.#random() < this.#loss ? 2 : 1;
    for (let i = 0; i < times; i++)
      this.#travelling.push({ at: this.now + 5 + this.#random() * 60 * (this.#random() < 0.3 ? 1 : 0), to, packet });
  }
}

it.each([0, 0.05, 0.2])("with %d lost and as many doubled", async (loss) => {
  const seed = Number(process.env["WARMBOOT_SEED"] ?? Date.now() % 2 ** 31);
  const random = randomFrom(seed);
  for (let round = 0; round < 6; round++) {
    const line = new Line(random, loss);
    const server = new TestPeer();
    const ends = { a: null as Connections | null, b: null as Connections | null };
    ends.a = line.end(
      () => ends.b as Connections,
      () => server,
    );
    ends.b = line.end(
      () => ends.a as Connections,
      () => server,
    );
    const client = new TestPeer();
    // Each is the other's guest: the same end of the world, seen from both sides.
    const out = ends.a.connect(B, A, 80, client);
    const sizes = [Math.floor(random() * 40_000), Math.floor(random() * 40_000)] as const;
    const bytes = sizes.map((size) => Uint8Array.from({ length: size }, () => random() * 256));
    out.write(bytes[0] as Uint8Array);
    out.end(false);
    let answered = false;
    for (let steps = 0; steps < 200_000 && !(client.events.includes("end") && server.events.includes("end")); steps++) {
      await line.step();
      const [entry] = ends.b.all;
      if (answered || !entry) continue;
      answered = true;
      entry.write(bytes[1] as Uint8Array);
      entry.end(false);
    }
    expect([server.bytes.byteLength, same(server.bytes, bytes[0])], `seed ${seed}`).toEqual([sizes[0], true]);
    expect([client.bytes.byteLength, same(client.bytes, bytes[1])], `seed ${seed}`).toEqual([sizes[1], true]);
    expect([client.events, server.events], `seed ${seed}`).toEqual(
      [["opened", "end"], ["end"]].map((each) => expect.arrayContaining(each)),
    );
  }
});

/** WHY not `toEqual`: what it prints of 40,000 numbers helps nobody. */
function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return a.every((byte, i) => byte === b?.[i]);
}
