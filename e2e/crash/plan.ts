import type { Phase } from "./beside/messages.ts";
import { randomOf } from "./random.ts";

/** When a life is struck: a part of the usual length of a phase after it has begun for the `nth` time, or so long after a number of saves. */
export type Strike =
  | { readonly during: "opening" | "saving" | "committing"; readonly nth: number; readonly part: number }
  | { readonly during: "running"; readonly saves: number; readonly afterMs: number };

/** What happens in a cycle. */
export interface Plan {
  /** How the machine is kept from going on warm; null: it is not. */
  readonly cold: "memory" | "devices" | null;
  /**
   * It is saved by itself, and not by one save after the other. WHY only if it goes on warm: a state of the time in which the writer is
   * still being started has no writer that could go on.
   */
  readonly autosave: boolean;
  /** It is rebooted once it is up, and goes on saving as another machine on the same disk. Not with autosave, for the same reason. */
  readonly reboot: boolean;
  /** The guest writes its files to its disk before a save; without that only what was fsynced is there after a cold start. */
  readonly sync: boolean;
  /** All records are compared and the databases checked, and not only the newest. */
  readonly full: boolean;
  readonly strike: Strike;
  /** Not only the page but the whole browser is killed. */
  readonly everything: boolean;
}

/** One of so many cycles begins cold. */
const COLD_EVERY = 6;
const FULL_EVERY = 3;
const REBOOT_EVERY = 5;
const LONGEST_RUN_MS = 3000;
const LONGEST_PART = 1.1;

/** Plans for so many cycles. */
export function plansOf(cycles: number, seed: number): Plan[] {
  const random = randomOf(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const oneOf = (many: number) => below(many) === 0;
  const strike = (): Strike => {
    const during = (["opening", "saving", "committing", "running", "running"] as const)[below(5)] ?? "running";
    if (during === "running") return { during, saves: below(3), afterMs: below(LONGEST_RUN_MS) };
    return { during, nth: during === "opening" ? 1 : 1 + below(3), part: random() * LONGEST_PART };
  };
  return Array.from({ length: cycles }, (_, index) => {
    const isCold = index % COLD_EVERY === COLD_EVERY - 3;
    const autosave = oneOf(4) && !isCold;
    return {
      cold: isCold ? (index % (2 * COLD_EVERY) < COLD_EVERY ? "devices" : "memory") : null,
      autosave,
      reboot: !autosave && index % REBOOT_EVERY === REBOOT_EVERY - 1,
      sync: oneOf(2),
      full: isCold || index % FULL_EVERY === 0,
      strike: strike(),
      everything: oneOf(6),
    };
  });
}

/** Saves that are made by themselves show only as commits. */
export function phaseOf({ autosave, strike }: Plan): Phase {
  return autosave && strike.during === "saving" ? "committing" : strike.during;
}
