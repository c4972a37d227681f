/** A promise that is settled from outside. One that nobody waits for may reject. */
export class Deferred<T> {
  #resolve: (value: T) => void = () => {};
  #reject: (reason: unknown) => void = () => {};
  #settled = false;
  readonly promise = new Promise<T>((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });

  constructor() {
    this.promise.catch(() => {});
  }

  get settled(): boolean {
    return this.#settled;
  }

  resolve(value: T): void {
    this.#settled = true;
    this.#resolve(value);
  }

  reject(reason: unknown): void {
    this.#settled = true;
    this.#reject(reason);
  }
}
