/** Keeps the first failure of a thread for whoever asks later: it may come before anybody listens. */
export class FirstFailure {
  #detail: string | null = null;
  #listener: ((detail: string) => void) | null = null;

  tell(detail: string): void {
    if (this.#detail !== null) return;
    this.#detail = detail;
    this.#listener?.(detail);
  }

  listen(listener: (detail: string) => void): void {
    this.#listener = listener;
    if (this.#detail !== null) listener(this.#detail);
  }
}
