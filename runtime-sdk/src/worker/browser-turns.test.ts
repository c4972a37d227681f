import { afterEach, expect, it, vi } from "vitest";
import { browserTurns } from "./browser-turns.ts";

afterEach(() => vi.useRealTimers());

/** Lets messages arrive. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

it("a long sleep of the guest ends when it is over and not before, so that the CPU is called once for it", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  const due: number[] = [];
  const turns = browserTurns();
  turns.listen((turn) => due.push(turn));
  turns.after(37.4, 1);
  vi.advanceTimersByTime(37);
  await settle();
  await settle();
  expect(due).toEqual([]);
  vi.advanceTimersByTime(1);
  await expect.poll(() => due, { interval: 0 }).toEqual([1]);
  turns.after(0.2, 2);
  await vi.waitUntil(() => due.length === 2);
  expect(due).toEqual([1, 2]);
});
