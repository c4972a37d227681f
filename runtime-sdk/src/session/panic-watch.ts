/** Time in which the kernel finishes printing a panic; a running machine that still answers after it did not panic. */
const GRACE_MS = 500;

/** Tells a panic of the kernel from a program that prints the same words. */
export class PanicWatch {
  readonly #onPanic: () => void;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #reason: string | null = null;

  constructor(onPanic: () => void) {
    this.#onPanic = onPanic;
  }

  /** What the console said, unless the machine has answered since. */
  get reason(): string | null {
    return this.#reason;
  }

  /** The console says that the kernel panicked. `answer` resolves when the machine answers all the same; `null`: nothing in it could. */
  suspect(reason: string, answer: Promise<void> | null): void {
    this.#reason = reason;
    answer?.then(
      () => {
        this.#reason = null;
      },
      () => {},
    );
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#reason !== null) this.#onPanic();
    }, GRACE_MS);
    this.#timers.add(timer);
  }

  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
