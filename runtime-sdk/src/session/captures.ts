import { reviveError, type WarmbootError } from "../errors/index.ts";
import { type Deferred, deferred } from "../guest/index.ts";
import type { Capture, FromWorker, ToWorker } from "../machine/index.ts";

/** Copies of a machine that its thread was asked for and has not made yet. */
export class Captures {
  readonly #post: (message: ToWorker) => void;
  readonly #waiting = new Map<number, Deferred<Capture>>();
  #next = 1;

  constructor(post: (message: ToWorker) => void) {
    this.#post = post;
  }

  ask(whole: boolean, timeoutMs: number): Promise<Capture> {
    const id = this.#next++;
    const done = deferred<Capture>();
    this.#waiting.set(id, done);
    this.#post({ type: "capture", id, whole, timeoutMs });
    return done.promise;
  }

  receive(message: Extract<FromWorker, { type: "captured" | "capture-failed" }>): void {
    const done = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.type === "captured") done?.resolve(message.capture);
    else done?.reject(reviveError(message.error));
  }

  /** The machine is gone. */
  fail(error: WarmbootError): void {
    for (const done of this.#waiting.values()) done.reject(error);
    this.#waiting.clear();
  }
}
