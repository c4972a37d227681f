import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { decodeFrame } from "warmboot/wisp";
import type { Inbound } from "../wisp/inbound.ts";
import type { Outbound } from "../wisp/outbound.ts";
import { UpFlow } from "./up-flow.ts";

const WINDOW = 128;
/** Sixteen of them are a batch. */
const PACKET_BYTES = 16 * 1024;
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A flow to a destination that takes writes when the test says so, and a client that keeps to its window. */
function flow() {
  const grants: number[] = [];
  const written: Buffer[] = [];
  const writes: ((() => void) | undefined)[] = [];
  const held = { packets: 0, bytes: 0 };
  let ended = false;
  const up = new UpFlow({
    stream: 7,
    inbound: {
      hold(bytes: Uint8Array) {
        held.packets++;
        held.bytes += bytes.byteLength;
        return bytes;
      },
      release(bytes: number, packets: number) {
        held.packets -= packets;
        held.bytes -= bytes;
      },
    } as unknown as Inbound,
    outbound: {
      control(bytes: Uint8Array) {
        const frame = decodeFrame(bytes);
        if (frame.type === "continue") grants.push(frame.amount);
      },
    } as unknown as Outbound,
    windowPackets: WINDOW,
    onFlushed: () => {},
  });
  const socket = {
    cork() {},
    uncork() {},
    end() {
      ended = true;
    },
    write(bytes: Buffer, done?: () => void) {
      written.push(bytes);
      if (done) writes.push(done);
    },
  };
  up.attach(socket as unknown as Socket);
  let told = 0;
  let underway = WINDOW;
  return {
    up,
    grants,
    written,
    writes,
    held,
    isEnded: () => ended,
    /** So many of what the client has sent arrive; it sends whatever it may. */
    async arrive(most: number): Promise<number> {
      // What it sent before and what it may send now: the relay cannot know of the first.
      if (told < grants.length) underway += Math.max(0, (grants.at(-1) ?? 0) - underway);
      told = grants.length;
      const count = Math.min(most, underway);
      underway -= count;
      for (let i = 0; i < count; i++) up.write(Buffer.alloc(PACKET_BYTES, i));
      await turn();
      return count;
    },
    /** The destination takes so many writes. */
    async take(count: number): Promise<void> {
      for (let i = 0; i < count; i++) writes.shift()?.();
      await turn();
    },
  };
}

it.each([1, 3, 4, 8, 30, 100])(
  "a client is told of its window seldom, and in time, when %i packets come at a time",
  async (count) => {
    const { grants, arrive, take, held } = flow();
    let came = await arrive(100);
    for (let i = 0; i < 20_000 && came < 10_000; i++) {
      came += await arrive(count);
      await take(Math.ceil(count / 16));
      expect(held.packets).toBeLessThanOrEqual(2 * WINDOW);
    }
    expect(came).toBeGreaterThanOrEqual(10_000);
    expect(grants.length).toBeLessThanOrEqual(came / 20);
    expect(Math.min(...grants)).toBeGreaterThanOrEqual(WINDOW / 2);
  },
);

it("a client goes on when a part of what it sent is on its way, and no further when the destination takes nothing", async () => {
  const { grants, arrive, take, held, writes } = flow();
  expect(await arrive(WINDOW)).toBe(WINDOW);
  const before = grants.length;
  expect(await arrive(1000)).toBe(WINDOW / 2);
  expect(await arrive(1000)).toBe(0);
  expect(grants).toHaveLength(before);
  expect(writes).toHaveLength(1);
  expect(held.packets).toBe((3 * WINDOW) / 2);
  // 12 batches wait; after 8 there are 64 packets.
  for (let i = 0; i < 7; i++) await take(1);
  expect(grants).toHaveLength(before);
  await take(1);
  expect(grants).toHaveLength(before + 1);
  expect(grants.at(-1)).toBe(WINDOW / 2);
});

it("all arrives in its order and then the end; what is held is given back", async () => {
  const { up, written, writes, take, held, isEnded } = flow();
  const packets = Array.from({ length: 30 }, (_, i) => Buffer.alloc(10_000 + i, i));
  for (const packet of packets) up.write(packet);
  up.end();
  up.write(Buffer.alloc(1));
  await turn();
  expect(isEnded()).toBe(false);
  while (writes.length > 0) await take(1);
  expect(isEnded()).toBe(true);
  expect(Buffer.concat(written).equals(Buffer.concat(packets))).toBe(true);
  expect(held).toEqual({ packets: 0, bytes: 0 });
  expect(up.isEmpty).toBe(true);
});

it("what waits is given back when it is dropped, and what was being written when that is over", async () => {
  const { up, take, held, written } = flow();
  for (let i = 0; i < 30; i++) up.write(Buffer.alloc(PACKET_BYTES));
  up.drop();
  expect(held.packets).toBe(16);
  await take(1);
  expect(held).toEqual({ packets: 0, bytes: 0 });
  expect(written).toHaveLength(16);
});
