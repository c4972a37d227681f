/** WHY: a timer of Node that is to wait longer than 24 days does not wait at all. */
const LONGEST_WAIT_MS = 60_000;

/** Shapes a flow to so many bytes a second. It may go into debt by what was taken at once, and is waited for until that is paid. */
export class TokenBucket {
  readonly #bytesPerSecond: number;
  readonly #now: () => number;
  #balance: number;
  #at: number;

  /** @param bytesPerSecond 0: without a bound. A second's worth may pass at once. */
  constructor(bytesPerSecond: number, now: () => number = () => performance.now()) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#now = now;
    this.#balance = bytesPerSecond;
    this.#at = now();
  }

  take(bytes: number): void {
    if (this.#bytesPerSecond === 0) return;
    this.#refill();
    this.#balance -= bytes;
  }

  /** Milliseconds until it is worth asking again whether something may pass; 0: it may now. */
  waitMs(): number {
    if (this.#bytesPerSecond === 0) return 0;
    this.#refill();
    if (this.#balance > 0) return 0;
    return Math.min(LONGEST_WAIT_MS, Math.ceil(((1 - this.#balance) * 1000) / this.#bytesPerSecond));
  }

  /** Milliseconds until it is as if nothing had been taken. */
  restMs(): number {
    if (this.#bytesPerSecond === 0) return 0;
    this.#refill();
    return Math.ceil(((this.#bytesPerSecond - this.#balance) * 1000) / this.#bytesPerSecond);
  }

  #refill(): void {
    const now = this.#now();
    this.#balance = Math.min(this.#bytesPerSecond, this.#balance + ((now - this.#at) * this.#bytesPerSecond) / 1000);
    this.#at = now;
  }
}
