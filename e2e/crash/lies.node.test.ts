import { expect, it } from "vitest";
import type { Lie } from "./beside/lies.ts";
import { CrashTest } from "./crash-test.ts";
import { nodePlace } from "./places/node-place.ts";
import type { Plan, Strike } from "./plan.ts";

/** Bounds for a busy computer. */
const TIMEOUT_MS = 600_000;
const PLAN = { cold: null, autosave: false, reboot: false, sync: false, full: true, everything: false };
const AFTER_SAVE: Strike = { during: "running", saves: 1, afterMs: 0 };
const IN_COMMIT: Strike = { during: "committing", nth: 2, part: 0.5 };

it.each<[Lie, Strike, RegExp]>([
  ["drops-memory", AFTER_SAVE, /it came up \w+, not warm: memory-\d+ is missing/],
  ["drops-disk", AFTER_SAVE, /disk-\d+ is missing/],
  ["head-first", IN_COMMIT, /it came up previous, not warm: generation-\d+ is missing/],
  ["too-early", AFTER_SAVE, /\d+ records were committed, and 0 are there/],
])(
  "a store that lies is found by the first kill: %s",
  async (lie, strike, violation) => {
    const place = await nodePlace();
    try {
      const plans: Plan[] = [
        { ...PLAN, strike },
        { ...PLAN, strike },
      ];
      const test = new CrashTest({ place, plans, lie, onCycle: () => {} });
      await expect(test.run()).rejects.toThrow(violation);
      expect(test.summary.cycles).toBe(1);
    } finally {
      await place.close(false);
    }
  },
  TIMEOUT_MS,
);
