import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { KernelSession } from "warmboot";
import { Usage } from "./usage.ts";

const A_MINUTE = 60_000;
const page = { hidden: false };
const figures = { instructions: 0, ownBlocks: 0, busyMs: 0, takenAtMs: 0 };
let asked = 0;
const session = {
  info: { agent: "x" },
  get figures() {
    return { ...figures };
  },
  stats: async () => {
    asked++;
    figures.instructions += 500_000;
    return {};
  },
} as unknown as KernelSession;

/** Lets time pass in which the guest executes so many instructions a second, for which the CPU needs so long. */
async function pass(ms: number, instructions: number, busyMs: number): Promise<number> {
  const before = asked;
  for (let at = 0; at < ms; at += 1000) {
    figures.instructions += instructions;
    figures.busyMs += busyMs;
    figures.takenAtMs += 1000;
    await vi.advanceTimersByTimeAsync(1000);
  }
  return asked - before;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("document", page);
  Object.assign(figures, { instructions: 0, ownBlocks: 0, busyMs: 0, takenAtMs: 0 });
  asked = 0;
  page.hidden = false;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("for the bar a guest is asked while it works, and left alone when it rests", async () => {
  const usage = new Usage(() => session);
  const end = usage.look("glance");
  expect(await pass(A_MINUTE, 120_000, 3)).toBe(1);
  expect(usage.cpu.value).toBeCloseTo(0.003);
  expect(await pass(A_MINUTE, 200_000_000, 900)).toBe(12);
  expect(usage.cpu.value).toBeCloseTo(0.9);
  await pass(10_000, 120_000, 3);
  expect(await pass(A_MINUTE, 120_000, 3)).toBe(0);
  end();
  expect(await pass(A_MINUTE, 200_000_000, 900)).toBe(0);
});

it("while the panel is open it is asked at once and every three seconds, and never while the page is hidden", async () => {
  const usage = new Usage(() => session);
  const ends = [usage.look("watch"), usage.look("glance")];
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toBe(1);
  expect(await pass(A_MINUTE, 120_000, 3)).toBe(20);
  page.hidden = true;
  expect(await pass(A_MINUTE, 200_000_000, 900)).toBe(0);
  for (const end of ends) end();
});

it("what a machine that is gone used says nothing of the next", async () => {
  let running: KernelSession | null = session;
  const usage = new Usage(() => running);
  usage.look("watch");
  await pass(5000, 200_000_000, 900);
  expect(usage.cpu.value).toBeCloseTo(0.9);
  running = null;
  await pass(2000, 0, 0);
  expect(usage.cpu.value).toBeNull();
  const before = asked;
  await pass(A_MINUTE, 0, 0);
  expect(asked).toBe(before);
});
