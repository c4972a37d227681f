import type { Phase, Report } from "./beside/messages.ts";

/** A phase, or a save that was made, and how often. */
interface Waiting {
  readonly what: Phase | "saved";
  readonly nth: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** Follows what lives tell: where they are, how long phases take, and what is saved. */
export class Follower {
  phase: Phase = "starting";
  /** Times that the machine was asked for while it still belonged to the life before. */
  locked = 0;
  saves = 0;
  /** Why the life went wrong by itself. */
  failure: string | null = null;
  readonly #onSaved: (record: number) => void;
  readonly #usualMs = new Map<Phase, number>();
  #counts = new Map<Waiting["what"], number>();
  #since = new Map<Phase, number>();
  #waiting: Waiting[] = [];

  constructor(onSaved: (record: number) => void) {
    this.#onSaved = onSaved;
  }

  /** A new life begins. */
  begin(): void {
    this.phase = "starting";
    this.#counts = new Map();
    this.#since = new Map();
    this.#waiting = [];
    this.failure = null;
  }

  hear(report: Report): void {
    if (report.kind === "failed") this.#fail(report.reason);
    else if (report.kind === "locked") this.locked++;
    else if (report.kind === "saved") {
      this.saves++;
      this.#onSaved(report.record);
      this.#count("saved");
    } else this.#enter(report.phase);
  }

  /** How long a phase took when it was last seen to its end, in ms. */
  usualMs(phase: Phase): number {
    return this.#usualMs.get(phase) ?? 500;
  }

  /** Resolves when a phase has begun for the `nth` time in this life; rejects when the life goes wrong before. */
  reached(phase: Phase, nth: number): Promise<void> {
    return this.#wait(phase, nth);
  }

  /** Resolves when so many saves were made in this life. */
  saved(nth: number): Promise<void> {
    return this.#wait("saved", nth);
  }

  #wait(what: Waiting["what"], nth: number): Promise<void> {
    if ((this.#counts.get(what) ?? 0) >= nth) return Promise.resolve();
    if (this.failure !== null) return Promise.reject(new Error(this.failure));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ what, nth, resolve, reject });
    });
  }

  #fail(reason: string): void {
    this.failure ??= reason;
    for (const { reject } of this.#waiting) reject(new Error(reason));
  }

  #count(what: Waiting["what"]): void {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    for (const { resolve } of this.#waiting.filter((each) => each.what === what && each.nth <= count)) resolve();
  }

  #enter(phase: Phase): void {
    const now = performance.now();
    // A commit is a part of a save, which ends when the machine runs on.
    const ended = phase === "running" ? (["saving", "committing"] as const) : [this.phase];
    for (const each of ended) {
      const since = this.#since.get(each);
      if (since !== undefined) this.#usualMs.set(each, now - since);
      this.#since.delete(each);
    }
    const goesOn = this.phase === "committing" && phase === "saving";
    this.phase = phase;
    if (goesOn) return;
    this.#since.set(phase, now);
    this.#count(phase);
  }
}
