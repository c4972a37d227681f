const SILENT_MS = 10 * 60_000;
const PROBES = 5;
const STEP_MS = 30_000;

/** RFC 9293, 3.8.4: a guest that has not been heard for long is asked whether it is there. */
export class KeepAlive {
  #probes = 0;
  #nextAt: number;

  constructor(now: number) {
    this.#nextAt = now + SILENT_MS;
  }

  heard(now: number): void {
    this.#probes = 0;
    this.#nextAt = now + SILENT_MS;
  }

  /** What the time has come for. WHY counted from one question to the next: a computer that slept has not asked meanwhile. */
  due(now: number): "ask" | "give-up" | null {
    if (now < this.#nextAt) return null;
    if (this.#probes === PROBES) return "give-up";
    this.#probes++;
    this.#nextAt = now + STEP_MS;
    return "ask";
  }
}
