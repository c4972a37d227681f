/**
 * Notices a thread that no longer answers. Beats are counted, not time: a computer that slept, or a page whose timers were
 * throttled, misses no beat that it did not send.
 */
export class Watchdog {
  readonly #sendBeat: (beat: number) => void;
  readonly #onSilence: (silentMs: number) => void;
  readonly #intervalMs: number;
  readonly #allowed: number;
  #timer: ReturnType<typeof setInterval> | null = null;
  #beat = 0;
  #answered = 0;

  /** `onSilence` is called once when no beat was answered for about `silenceMs`. */
  constructor(silenceMs: number, sendBeat: (beat: number) => void, onSilence: (silentMs: number) => void) {
    this.#intervalMs = Math.max(50, Math.min(1000, silenceMs / 4));
    this.#allowed = Math.max(2, Math.ceil(silenceMs / this.#intervalMs));
    this.#sendBeat = sendBeat;
    this.#onSilence = onSilence;
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), this.#intervalMs);
  }

  answer(beat: number): void {
    this.#answered = Math.max(this.#answered, beat);
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    const missed = this.#beat - this.#answered;
    if (missed >= this.#allowed) {
      this.stop();
      this.#onSilence(missed * this.#intervalMs);
      return;
    }
    this.#sendBeat(++this.#beat);
  }
}
