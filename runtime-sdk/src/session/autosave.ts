import type { MachineFigures } from "../machine/index.ts";
import type { AutosaveOptions, SaveOptions } from "./options.ts";

/** Instructions in about a second: a machine that does less rests. */
const RESTING = 8_000_000;
/** What a machine does in a second in which nothing happens in it, at most. */
const IDLE = 2_500_000;
/** Instructions besides those: one that did less has nothing that is worth a save of its own. */
const WORTH_SAVING = 10_000_000;
const LOOK_MS = 1000;
/** After a save that failed the next is not tried before. */
const RETRY_MS = 30_000;
const DEFAULT_PERIOD_MS = 60_000;

/** What autosave needs of a session. */
export interface Saveable {
  /** At most about a second old. */
  figures(): MachineFigures;
  save(options: SaveOptions): Promise<unknown>;
  /** A save that nobody waits for has failed. */
  failed(error: unknown): void;
  /** Calls its argument when the page is hidden or left; returns what ends that. */
  onHide(hidden: () => void): () => void;
}

/** Saves a machine by itself: when it has done something and rests, from time to time when it does not rest, when the page is hidden. */
export class Autosave {
  readonly #session: Saveable;
  readonly #periodMs: number;
  readonly #whenIdle: boolean;
  readonly #stopHideWatch: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #before: MachineFigures;
  /** Instructions of work since the last save. */
  #done = 0;
  /** WHY not enough for a save at once: the guest's file system writes to its journal some seconds after each save. */
  #hasWritten = false;
  #savedAt = performance.now();
  #notBefore = 0;
  #saving = false;
  #againWith: SaveOptions | null = null;

  constructor(session: Saveable, { whenIdle = true, periodMs = DEFAULT_PERIOD_MS, onHide = true }: AutosaveOptions) {
    this.#session = session;
    this.#whenIdle = whenIdle;
    this.#periodMs = periodMs;
    this.#before = session.figures();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    // WHY without waiting for the guest: little time is left.
    this.#stopHideWatch = onHide ? session.onHide(() => void this.#save({ sync: false })) : () => {};
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopHideWatch();
    this.#againWith = null;
  }

  /** The machine was saved, by whomever. */
  noteSaved(): void {
    this.#savedAt = performance.now();
    this.#done = 0;
    this.#hasWritten = false;
  }

  /** The machine was switched off: nothing more happens in it. */
  noteOff(): void {
    void this.#save({});
  }

  async #save(options: SaveOptions): Promise<void> {
    if (this.#saving) {
      // The one under way does not have what has happened since it began.
      this.#againWith = options;
      return;
    }
    this.#saving = true;
    const { save, failed } = this.#session;
    for (let next: SaveOptions | null = options; next; next = this.#againWith) {
      this.#againWith = null;
      await save(next).catch((error) => {
        this.#notBefore = performance.now() + RETRY_MS;
        failed(error);
      });
    }
    this.#saving = false;
  }

  #look(): void {
    const now = this.#session.figures();
    const before = this.#before;
    this.#before = now;
    // A machine that was started anew counts from zero.
    const done = now.instructions - (now.instructions < before.instructions ? 0 : before.instructions);
    this.#done += Math.max(0, done - IDLE);
    this.#hasWritten ||= now.ownBlocks !== before.ownBlocks;
    if (this.#saving || performance.now() < this.#notBefore) return;
    const isDue = this.#whenIdle && done < RESTING && this.#done >= WORTH_SAVING;
    const isDirty = this.#done > 0 || this.#hasWritten;
    const isOverdue = this.#periodMs > 0 && isDirty && performance.now() - this.#savedAt > this.#periodMs;
    if (isDue || isOverdue) void this.#save({});
  }
}
