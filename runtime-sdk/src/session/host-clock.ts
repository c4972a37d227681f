/** More than timers and rounding explain; less than a person notices. */
const STEP_MS = 250;

/**
 * Notices that the computer's wall clock was stepped (set by hand or by NTP, or the computer slept) since it was last looked at: the
 * emulated machine counts by the monotonic clock and knows nothing of it.
 */
export class HostClock {
  #offset = Date.now() - performance.now();

  /** True once after each step. */
  stepped(): boolean {
    const offset = Date.now() - performance.now();
    if (Math.abs(offset - this.#offset) < STEP_MS) return false;
    this.#offset = offset;
    return true;
  }
}
