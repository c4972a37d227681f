import { describe, expect, it } from "vitest";
import { type Found, judge, type Restart } from "./judge.ts";

const FOUND: Found = {
  files: 40,
  rollback: 40,
  wal: 40,
  done: 40,
  torn: 0,
  next: 41,
  replayed: false,
  problems: [],
};
const WARM: Restart = { opened: { how: "warm" }, isForcedCold: false, saves: 3, committed: 38, found: FOUND };
const COLD: Restart = {
  opened: { how: "cold", reason: "devices-2 is not what was saved" },
  isForcedCold: true,
  saves: 3,
  committed: 38,
  found: { ...FOUND, done: null, files: 41, rollback: 41, torn: 17, replayed: true },
};

describe("the judge of the crash test", () => {
  it.each([
    ["a warm start", WARM],
    ["a cold start that was wanted, with a record that was being written", COLD],
    ["a machine that was never saved", { ...WARM, opened: { how: "new" as const }, saves: 0, committed: 0 }],
    ["one that was saved just before it could tell", { ...WARM, saves: 0, committed: 0 }],
  ])("has nothing against %s", (_what, restart) => {
    expect(judge(restart)).toEqual([]);
  });

  it.each<[string, Restart, string]>([
    ["a committed record that is lost", { ...WARM, committed: 41 }, "41 records were committed, and 40 are there"],
    [
      "a state that is older than the last",
      { ...WARM, opened: { how: "previous", reason: "?" } },
      "previous, not warm",
    ],
    ["a cold start for no reason", { ...COLD, isForcedCold: false }, "cold, not warm"],
    ["a saved machine that is gone", { ...WARM, opened: { how: "new" } }, "new, not warm"],
    [
      "a later write that is there without an earlier one",
      { ...COLD, found: { ...COLD.found, rollback: 40, wal: 41 } },
      "later ones are not there",
    ],
    ["a missing write", { ...COLD, found: { ...COLD.found, files: 42 } }, "later ones are not there"],
    ["memory and disk of two instants", { ...WARM, found: { ...FOUND, done: 39 } }, "remembers 39"],
    ["a writer that begins elsewhere", { ...WARM, found: { ...FOUND, next: 43 } }, "went on with 43"],
    ["what the guest has found", { ...WARM, found: { ...FOUND, problems: ["record 7"] } }, "record 7"],
  ])("finds %s", (_what, restart, text) => {
    expect(judge(restart)).toEqual([expect.stringContaining(text)]);
  });
});
