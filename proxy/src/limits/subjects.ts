import { Semaphore } from "./semaphore.ts";
import { TokenBucket } from "./token-bucket.ts";

/** What the connections of one subject share. */
export interface SubjectShare {
  readonly down: TokenBucket;
  readonly up: TokenBucket;
  readonly lookups: Semaphore;
}

export interface ShareLimits {
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  readonly lookups: number;
}

/** Keeps a share for each subject while it has connections. */
export class Subjects {
  readonly #shares = new Map<string, { readonly share: SubjectShare; holders: number }>();

  hold(subject: string, { downBytesPerSecond, upBytesPerSecond, lookups }: ShareLimits): SubjectShare {
    let entry = this.#shares.get(subject);
    if (!entry) {
      const share = {
        down: new TokenBucket(downBytesPerSecond),
        up: new TokenBucket(upBytesPerSecond),
        lookups: new Semaphore(lookups),
      };
      entry = { share, holders: 0 };
      this.#shares.set(subject, entry);
    }
    entry.holders++;
    return entry.share;
  }

  release(subject: string): void {
    const entry = this.#shares.get(subject);
    if (entry && --entry.holders === 0) this.#shares.delete(subject);
  }
}
