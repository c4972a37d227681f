import type { Socket } from "node:net";
import { expect, it } from "vitest";
import { decodeFrame } from "warmboot/wisp";
import type { Inbound } from "../wisp/inbound.ts";
import type { Outbound } from "../wisp/outbound.ts";
import { UpFlow } from "./up-flow.ts";

const WINDOW = 128;

/** A flow to a destination that takes packets when the test says so, and a client that keeps to its window. */
function flow() {
  const grants: number[] = [];
  const writes: (() => void)[] = [];
  const up = new UpFlow({
    stream: 7,
    inbound: { hold: (bytes: Uint8Array) => bytes, release: () => {} } as unknown as Inbound,
    outbound: {
      control: (bytes: Uint8Array) => {
        const frame = decodeFrame(bytes);
        if (frame.type === "continue") grants.push(frame.amount);
      },
    } as unknown as Outbound,
    windowPackets: WINDOW,
    onFlushed: () => {},
  });
  const socket = { cork() {}, uncork() {}, end() {}, write: (_: Uint8Array, done: () => void) => writes.push(done) };
  up.attach(socket as unknown as Socket);
  let told = 0;
  let underway = WINDOW;
  return {
    grants,
    /** So many of what the client has sent arrive; it sends whatever it may. */
    arrive(most: number): number {
      // What it sent before and what it may send now: the relay cannot know of the first.
      if (told < grants.length) underway += Math.max(0, (grants.at(-1) ?? 0) - underway);
      told = grants.length;
      const count = Math.min(most, underway);
      underway -= count;
      for (let i = 0; i < count; i++) up.write(new Uint8Array(1000));
      return count;
    },
    /** The destination takes so many; then what follows from it happens. */
    async take(count: number): Promise<void> {
      for (const done of writes.splice(0, count)) done();
      await Promise.resolve();
    },
    waiting: () => writes.length,
  };
}

it.each([1, 3, 4, 10, 64, 100])(
  "a client is told of its window seldom, and in time, when packets come and leave by %i",
  async (batch) => {
    const { grants, arrive, take, waiting } = flow();
    let came = arrive(100);
    for (let i = 0; i < 20_000 && came < 10_000; i++) {
      came += arrive(batch);
      await take(batch);
      expect(waiting()).toBeLessThanOrEqual(2 * WINDOW);
    }
    expect(came).toBeGreaterThanOrEqual(10_000);
    expect(grants.length).toBeLessThanOrEqual(came / 20);
    expect(Math.min(...grants)).toBeGreaterThanOrEqual(WINDOW / 2);
  },
);

it("a client goes on while the first half is on its way, and no further when the destination takes nothing", async () => {
  const { grants, arrive, take } = flow();
  expect(arrive(WINDOW / 2)).toBe(WINDOW / 2);
  await take(0);
  expect(grants).toEqual([WINDOW / 2]);
  expect(arrive(1000)).toBe(WINDOW / 2);
  await take(0);
  expect(arrive(1000)).toBe(0);
  expect(grants).toEqual([WINDOW / 2]);
  await take(WINDOW / 2);
  expect(grants).toEqual([WINDOW / 2, WINDOW / 2]);
});
