import type { Lie } from "./beside/lies.ts";
import { Follower } from "./follower.ts";
import { Guest } from "./guest.ts";
import { type Found, judge } from "./judge.ts";
import { Ledger } from "./ledger.ts";
import type { Life, Place } from "./places/place.ts";
import { type Plan, phaseOf, type Strike } from "./plan.ts";
import { checkSavedDisk } from "./saved-disk-check.ts";
import { emptySummary, type Summary } from "./summary.ts";
import { pause, within } from "./within.ts";

/** Bounds for a busy computer, not measurements. */
const BEGIN_MS = 120_000;
const OPEN_MS = 400_000;
const CHECK_MS = 600_000;
const STRIKE_MS = 300_000;
const KILL_MS = 60_000;
/** Newest records that are compared when not all are. */
const NEWEST = 100;
/** Cycles from one look at the disk in the store to the next. */
const DISK_EVERY = 25;
const MOST_MEMORY_MB = 256;
const MEMORY_STEP_MB = 4;
const MEMORY_STEPS = 12;

/** A machine that is not as it must be. */
export class Violation extends Error {}

export interface CrashTestOptions {
  readonly place: Place;
  readonly plans: readonly Plan[];
  readonly lie: Lie | null;
  /** Told after each cycle. */
  readonly onCycle: (line: string) => void;
}

/** Kills one machine again and again, and looks at it each time it has come up. */
export class CrashTest {
  readonly summary: Summary = emptySummary();
  readonly #options: CrashTestOptions;
  readonly #ledger: Ledger;
  readonly #follower: Follower;
  #coldStarts = 0;

  constructor(options: CrashTestOptions) {
    this.#options = options;
    this.#ledger = new Ledger(options.place.folder);
    this.#follower = new Follower((record) => this.#ledger.note(record));
  }

  /** @throws Violation, or what else went wrong. */
  async run(): Promise<void> {
    const { plans } = this.#options;
    try {
      for (const [index, plan] of plans.entries()) {
        const { saves } = this.#follower;
        await this.#cycle({ ...plan, autosave: plan.autosave && saves > 0 }, index);
        if (index % DISK_EVERY === DISK_EVERY - 1) await this.#checkDisk();
      }
      await this.#checkDisk();
      await this.#last({ cold: null });
      await this.#last({ cold: "devices" });
    } finally {
      this.#note();
      this.#ledger.close();
    }
  }

  async #cycle(plan: Plan, index: number): Promise<void> {
    const { strike } = plan;
    const life = await this.#begin();
    const opening = this.#open(life, plan);
    const isStruckEarly = strike.during === "opening";
    let line = "not looked at";
    try {
      if (isStruckEarly) {
        opening.catch(() => {});
        await this.#reach("opening", 1, strike.part);
      } else {
        const opened = await within("the opening", OPEN_MS, opening);
        const found = await this.#check(life, plan, opened);
        if (opened.how !== "fork") this.summary.restarts[opened.how]++;
        line = `${found.how}, ${found.wal} records`;
        if (plan.reboot) await this.#reboot(life, plan);
        await within("the first save", BEGIN_MS, life.keepSaving(plan.sync));
        if (strike.during === "running") await this.#run(strike);
        else await this.#reach(phaseOf(plan), strike.nth, strike.part);
      }
    } finally {
      await within("the kill", KILL_MS, life.kill(plan.everything));
    }
    const { phase, failure } = this.#follower;
    if (failure !== null) throw new Violation(`cycle ${index + 1}: ${failure}`);
    this.summary.cycles++;
    this.summary.killed[phase] = (this.summary.killed[phase] ?? 0) + 1;
    if (plan.everything && this.#options.place.hasBrowser) this.summary.browsers++;
    this.#note();
    this.#options.onCycle(`${index + 1}: ${line}; killed while ${phase}; ${this.#ledger.committed} committed`);
  }

  /** Its writer is started anew. */
  async #reboot(life: Life, { full }: Plan): Promise<void> {
    await within("the reboot", OPEN_MS, life.reboot());
    await this.#check(life, { cold: "memory", full }, { how: "cold", reason: "it was rebooted" });
    this.summary.reboots++;
  }

  /** Opens the machine once more, looks at everything, and leaves it alone. */
  async #last({ cold }: Pick<Plan, "cold">): Promise<void> {
    const life = await this.#begin();
    try {
      const plan = { cold, full: true, autosave: false };
      const opened = await within("the opening", OPEN_MS, this.#open(life, plan));
      const found = await this.#check(life, plan, opened);
      if (opened.how !== "fork") this.summary.restarts[opened.how]++;
      this.summary.records = found.wal;
      await within("the end", KILL_MS, life.close());
    } finally {
      await within("the kill", KILL_MS, life.kill(false));
    }
  }

  async #begin(): Promise<Life> {
    this.#follower.begin();
    return within(
      "the beginning",
      BEGIN_MS,
      this.#options.place.begin((report) => this.#follower.hear(report)),
    );
  }

  #open(life: Life, { cold, autosave }: Pick<Plan, "cold" | "autosave">): ReturnType<Life["open"]> {
    const { place, lie } = this.#options;
    const { image, store } = place;
    // A size that it was not saved with.
    const memoryMb = MOST_MEMORY_MB - MEMORY_STEP_MB * (1 + (this.#coldStarts % MEMORY_STEPS));
    if (cold === "memory") this.#coldStarts++;
    return life.open({
      image,
      store,
      memoryMb: cold === "memory" ? memoryMb : null,
      hurtDevices: cold === "devices",
      autosave,
      lie,
    });
  }

  async #check(
    life: Life,
    { cold, full }: Pick<Plan, "cold" | "full">,
    opened: Awaited<ReturnType<Life["open"]>>,
  ): Promise<Found & { readonly how: string }> {
    const guest = new Guest((command, stdin) => life.exec(command, stdin));
    const { committed } = this.#ledger;
    const first = full ? 1 : Math.max(1, committed - NEWEST);
    const going = await within("the check", CHECK_MS, guest.check(first));
    if (opened.how === "warm" && committed > 0 && !going) throw new Violation("the writer did not go on");
    const found = going ?? (await within("the writer's start", CHECK_MS, guest.start()));
    const { saves } = this.#follower;
    const problems = judge({ opened, isForcedCold: cold !== null, saves, committed, found });
    if (problems.length > 0) throw new Violation(problems.join("\n"));
    const { summary } = this;
    if (opened.how === "cold" && found.replayed) summary.replayed++;
    if (first === 1 || !going) summary.full++;
    if (found.torn > 0) summary.torn++;
    return { ...found, how: opened.how };
  }

  /** Waits for a phase and then for a part of what it usually takes. */
  async #reach(phase: Parameters<Follower["reached"]>[0], nth: number, part: number): Promise<void> {
    await within(`${phase} for time ${nth}`, STRIKE_MS, this.#follower.reached(phase, nth));
    await pause(part * this.#follower.usualMs(phase));
  }

  /** Lets the machine run and be saved for a while. */
  async #run({ saves, afterMs }: Extract<Strike, { during: "running" }>): Promise<void> {
    await within(`save ${saves}`, STRIKE_MS, this.#follower.saved(saves));
    await pause(afterMs);
  }

  /** Looks at the disk as it lies in the store. */
  async #checkDisk(): Promise<void> {
    const { place } = this.#options;
    const life = await this.#begin();
    let packs: readonly string[];
    try {
      packs = await within("reading the disk", BEGIN_MS, life.savedDisk(place.store));
    } finally {
      await within("the kill", KILL_MS, life.kill(false));
    }
    const problems = checkSavedDisk(packs, place.folder, this.#ledger.committed);
    if (problems === null) return;
    if (problems.length > 0) throw new Violation(problems.join("\n"));
    this.summary.disks++;
  }

  #note(): void {
    this.summary.saves = this.#follower.saves;
    this.summary.locked = this.#follower.locked;
    this.summary.committed = this.#ledger.committed;
  }
}
