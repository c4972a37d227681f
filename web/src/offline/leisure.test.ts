import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Leisure, type Work } from "./leisure.ts";

/** How long one piece takes. */
const PIECE_MS = 200;
const figures = { instructions: 0, ownBlocks: 0, busyMs: 0, takenAtMs: 0 };
let done = 0;
let atOnce = 0;
let mostAtOnce = 0;

async function piece(): Promise<void> {
  mostAtOnce = Math.max(mostAtOnce, ++atOnce);
  await new Promise((resolve) => setTimeout(resolve, PIECE_MS));
  atOnce--;
  done++;
}

/** Three that take piece after piece until they are stopped. */
function fetchAll(work: () => Work): AbortController {
  const stop = new AbortController();
  const leisure = new Leisure(work);
  const loop = async () => {
    while (!stop.signal.aborted) await leisure.run(piece, stop.signal).catch(() => {});
  };
  for (let at = 0; at < 3; at++) void loop();
  return stop;
}

/** Lets seconds pass in each of which the CPU is busy for so long; says how many pieces were done. */
async function pass(seconds: number, busyMs: number): Promise<number> {
  const before = done;
  for (let second = 0; second < seconds; second++) {
    figures.busyMs += busyMs;
    figures.takenAtMs += 1000;
    await vi.advanceTimersByTimeAsync(1000);
  }
  return done - before;
}

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(figures, { busyMs: 0, takenAtMs: 0 });
  done = atOnce = mostAtOnce = 0;
});
afterEach(() => vi.useRealTimers());

it("beside a machine that works one piece is fetched at a time, with pauses; beside one at rest as fast as they come", async () => {
  const stop = fetchAll(() => ({ ...figures }));
  const whileBusy = await pass(60, 900);
  expect(whileBusy).toBeGreaterThan(20);
  expect(whileBusy).toBeLessThan(30);
  expect(mostAtOnce).toBe(1);
  await pass(3, 10);
  expect(await pass(60, 10)).toBeGreaterThan(300);
  expect(mostAtOnce).toBe(3);
  // It goes to work again: what is under way ends, and the next waits.
  await pass(1, 900);
  expect(await pass(60, 900)).toBeLessThan(31);
  stop.abort();
});

it("a machine that starts is one that works, and one that stands still is at rest", async () => {
  let work: Work = "starting";
  const stop = fetchAll(() => work);
  expect(await pass(20, 0)).toBeLessThan(11);
  work = null;
  expect(await pass(20, 0)).toBeGreaterThan(100);
  stop.abort();
});

it("who waits for a turn stops with its signal, and the others go on", async () => {
  const leisure = new Leisure(() => "starting");
  const stop = new AbortController();
  const stopped = expect(leisure.run(piece, stop.signal)).rejects.toThrow("enough");
  const other = leisure.run(piece, new AbortController().signal);
  stop.abort(new Error("enough"));
  await vi.advanceTimersByTimeAsync(5000);
  await stopped;
  await other;
  expect(done).toBe(1);
});
