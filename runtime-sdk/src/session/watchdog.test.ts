import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Watchdog } from "./watchdog.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("is quiet while the beats are answered", () => {
  const onSilence = vi.fn();
  const dog: Watchdog = new Watchdog(4000, (beat) => dog.answer(beat), onSilence);
  dog.start();
  vi.advanceTimersByTime(600_000);
  expect(onSilence).not.toHaveBeenCalled();
  dog.stop();
});

it("tells once when nothing is answered", () => {
  const onSilence = vi.fn();
  const dog = new Watchdog(4000, () => {}, onSilence);
  dog.start();
  vi.advanceTimersByTime(60_000);
  expect(onSilence).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

it("forgives a late answer", () => {
  const onSilence = vi.fn();
  const dog: Watchdog = new Watchdog(4000, (beat) => setTimeout(() => dog.answer(beat), 2500), onSilence);
  dog.start();
  vi.advanceTimersByTime(60_000);
  expect(onSilence).not.toHaveBeenCalled();
  dog.stop();
});
