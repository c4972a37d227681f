/** RFC 6298, with a first guess and a least value for an emulated computer beside us, which may be held up for a while. */
const FIRST_MS = 1000;
const LEAST_MS = 300;
export const LONGEST_TIMEOUT_MS = 60_000;
const GRANULARITY_MS = 10;

/** The retransmission time-out of one connection. */
export class RoundTrip {
  #smoothed: number | null = null;
  #variation = 0;
  #timeoutMs = FIRST_MS;

  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** Takes a measurement, of a segment that was sent once (Karn's algorithm is the caller's). */
  measured(ms: number): void {
    if (this.#smoothed === null) {
      this.#smoothed = ms;
      this.#variation = ms / 2;
    } else {
      this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - ms);
      this.#smoothed = 0.875 * this.#smoothed + 0.125 * ms;
    }
    this.#set(this.#smoothed + Math.max(GRANULARITY_MS, 4 * this.#variation));
  }

  /** Nothing was acknowledged in time. */
  backOff(): void {
    this.#set(2 * this.#timeoutMs);
  }

  #set(ms: number): void {
    this.#timeoutMs = Math.min(Math.max(ms, LEAST_MS), LONGEST_TIMEOUT_MS);
  }
}
