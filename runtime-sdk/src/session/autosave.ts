/** Instructions in about a second: a machine that does less rests. */
const RESTING = 8_000_000;
/** Instructions since the last save: one that did less has nothing worth saving. */
const DIRTY = 30_000_000;
const LOOK_MS = 1000;
const LONGEST_MS = 60_000;

/** Saves a machine by itself: when it has done something and rests, and from time to time when it does not rest. */
export class Autosave {
  readonly #instructions: () => number;
  readonly #save: () => Promise<unknown>;
  readonly #failed: (error: unknown) => void;
  readonly #stopHideWatch: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #before: number;
  #since = 0;
  #savedAt = performance.now();
  #saving = false;

  /**
   * @param instructions How many the machine has executed.
   * @param onHide Calls its argument when the page is hidden; returns what ends that.
   */
  constructor(
    instructions: () => number,
    save: () => Promise<unknown>,
    failed: (error: unknown) => void,
    onHide: (hidden: () => void) => () => void,
  ) {
    this.#instructions = instructions;
    this.#save = save;
    this.#failed = failed;
    this.#before = instructions();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#stopHideWatch = onHide(() => void this.#now());
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#stopHideWatch();
  }

  async #now(): Promise<void> {
    if (this.#saving) return;
    this.#saving = true;
    this.#since = 0;
    try {
      await this.#save();
    } catch (error) {
      this.#since = DIRTY;
      this.#failed(error);
    }
    this.#savedAt = performance.now();
    this.#saving = false;
  }

  #look(): void {
    const now = this.#instructions();
    // A machine that was started anew counts from zero.
    const done = now < this.#before ? now : now - this.#before;
    this.#before = now;
    if (this.#saving) return;
    this.#since += done;
    if (this.#since < DIRTY) return;
    if (done < RESTING || performance.now() - this.#savedAt > LONGEST_MS) void this.#now();
  }
}
