import { describe, expect, it } from "vitest";
import type { Sample } from "./probe.ts";
import { MOST_GROWTH_BYTES, verdict } from "./verdict.ts";

const samples = (memory: (i: number) => number, clockMs = 3): Sample[] =>
  Array.from({ length: 40 }, (_, i) => ({ at: i, answerMs: 100 + i, clockMs, memory: memory(i), disk: 0 }));

describe("the verdict of a soak", () => {
  it("is good when everything was answered and nothing grew", () => {
    expect(
      verdict(
        samples(() => 5e8),
        null,
      ),
    ).toMatchObject({ ok: true, text: expect.stringContaining("40 answers") });
  });

  it.each([
    ["a leak", samples((i) => 5e8 + i * (MOST_GROWTH_BYTES / 20)), null, "memory grew"],
    ["a clock that is off", samples(() => 5e8, 1500), null, "1500 ms"],
    ["a machine that froze", samples(() => 5e8), "no answer in 60000 ms", "no answer"],
    ["a machine that never answered", [], null, "no answer at all"],
  ])("is bad for %s", (_what, given, failure, text) => {
    expect(verdict(given, failure)).toMatchObject({ ok: false, text: expect.stringContaining(text) });
  });
});
