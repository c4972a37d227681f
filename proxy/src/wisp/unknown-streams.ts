/** The most ids that are remembered. */
const CAPACITY = 4096;

/** Ids of streams that the client was told are closed: each is told once, not for every packet that was still on its way. */
export class UnknownStreams {
  readonly #told = new Set<number>();

  /** Whether the client has to be told, which counts as done. */
  tell(id: number): boolean {
    if (this.#told.has(id)) return false;
    if (this.#told.size >= CAPACITY) {
      const [oldest] = this.#told;
      if (oldest !== undefined) this.#told.delete(oldest);
    }
    this.#told.add(id);
    return true;
  }

  /** The id is in use again. */
  forget(id: number): void {
    this.#told.delete(id);
  }
}
