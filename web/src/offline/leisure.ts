import type { MachineFigures } from "warmboot";

/** What the machine of the page does. `starting`: somebody waits for it; `null`: it stands still. */
export type Work = MachineFigures | "starting" | null;

/** Part of a core that a machine at rest takes at most; a shell that waits takes a hundredth. */
const AT_REST = 0.25;
/** So many times in a row, about a second apart, the machine must have been found at rest. */
const CALM_LOOKS = 2;
const LOOK_MS = 250;
/** Between two pieces beside a machine that works. */
const PAUSE_MS = 2000;
/** The longest that a browser that is busy itself is waited for. */
const IDLE_MS = 2000;

/**
 * Turns for work in many pieces that nobody waits for. Beside a machine at rest they come as fast as they are taken; beside one that works one at a
 * time, with pauses, so that the work ends even if the machine never rests.
 */
export class Leisure {
  readonly #work: () => Work;
  #before: MachineFigures | null = null;
  #calm = 0;
  #underWay = 0;
  #endedAt = performance.now();
  #lastTurn: Promise<void> = Promise.resolve();

  constructor(work: () => Work) {
    this.#work = work;
  }

  /** Runs a piece when it is its turn. `pauseMs`: how long it waits at most for a machine that works. Rejects with the reason of the signal. */
  async run<T>(piece: () => Promise<T>, signal: AbortSignal, pauseMs = PAUSE_MS): Promise<T> {
    const turn = this.#lastTurn.then(() => this.#turn(signal, pauseMs));
    this.#lastTurn = turn.catch(() => {});
    await turn;
    try {
      return await piece();
    } finally {
      this.#underWay--;
      this.#endedAt = performance.now();
    }
  }

  async #turn(signal: AbortSignal, pauseMs: number): Promise<void> {
    signal.throwIfAborted();
    while (!this.#rests() && (this.#underWay > 0 || performance.now() - this.#endedAt < pauseMs)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      signal.throwIfAborted();
    }
    await browserIdle();
    signal.throwIfAborted();
    this.#underWay++;
  }

  #rests(): boolean {
    const now = this.#work();
    if (now === null) return true;
    const before = this.#before;
    this.#before = now === "starting" ? null : now;
    // A machine that was started anew counts from zero.
    if (now === "starting" || !before || now.takenAtMs < before.takenAtMs || now.busyMs < before.busyMs) {
      this.#calm = 0;
    } else if (now.takenAtMs > before.takenAtMs) {
      const share = (now.busyMs - before.busyMs) / (now.takenAtMs - before.takenAtMs);
      this.#calm = share > AT_REST ? 0 : this.#calm + 1;
    }
    return this.#calm >= CALM_LOOKS;
  }
}

/** Resolves when the page's own thread has time. */
export const browserIdle = (): Promise<void> =>
  new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") requestIdleCallback(() => resolve(), { timeout: IDLE_MS });
    else setTimeout(resolve, 50);
  });
