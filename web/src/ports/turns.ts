/** So many at once, and the others wait. */
export class Turns {
  readonly #mostWaiting: number;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atOnce: number, mostWaiting: number) {
    this.#free = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** Resolves when it is one's turn, to what ends it; to `null` when too many wait already, or nobody wants it any more. */
  async take(signal: AbortSignal): Promise<(() => void) | null> {
    if (this.#free > 0) this.#free--;
    else {
      if (this.#waiting.length >= this.#mostWaiting) return null;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    let isOver = false;
    const over = () => {
      if (isOver) return;
      isOver = true;
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    };
    if (!signal.aborted) return over;
    over();
    return null;
  }
}
