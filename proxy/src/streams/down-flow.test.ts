import { expect, it } from "vitest";
import { decodeFrame } from "warmboot/wisp";
import type { Outbound, Source } from "../wisp/outbound.ts";
import { DownFlow } from "./down-flow.ts";
import { recycle } from "./frames.ts";

it("cuts what waits as the credit says; what was sent is not written over, and what waits is counted", () => {
  const frames: Buffer[] = [];
  const outbound = {
    offer(source: Source) {
      for (let frame = source.nextFrame(); frame; frame = source.nextFrame()) frames.push(frame);
    },
  } as unknown as Outbound;
  let sent = 0;
  let empty = 0;
  const events = { onSent: (bytes: number) => (sent += bytes), onEmpty: () => empty++, onEnd: () => {} };
  const flow = new DownFlow(7, outbound, 3, events);
  const chunks = [40_000, 20, 60_000].map((size, seed) => Uint8Array.from({ length: size }, (_, at) => at * 7 + seed));
  for (const chunk of chunks) expect(flow.push(chunk)).toBe(false);
  expect(sent).toBe(3);
  expect(flow.waitingBytes).toBe(100_017);
  for (const bytes of [1, 1, 16_000, 5, 24_000, 30, 50_000]) flow.grant(bytes);
  expect(flow.waitingBytes).toBe(100_020 - sent);
  expect(empty).toBe(0);
  flow.grant(100_000);
  expect([sent, empty, flow.waitingBytes]).toEqual([100_020, 1, 0]);
  const decoded = frames.map((frame) => decodeFrame(frame));
  expect(decoded.every(({ stream }) => stream === 7)).toBe(true);
  const received = Buffer.concat(decoded.map((frame) => (frame.type === "data" ? frame.bytes : new Uint8Array(0))));
  expect(received.equals(Buffer.concat(chunks))).toBe(true);
  for (const frame of frames) recycle(frame);
  // A buffer that came back twice would be two frames at once.
  const again = [1, 2, 3].map((value) => {
    flow.push(new Uint8Array(30_000).fill(value));
    return frames.at(-1);
  });
  flow.grant(1_000_000);
  expect(again.map((frame) => frame?.at(-1))).toEqual([1, 2, 3]);
});
