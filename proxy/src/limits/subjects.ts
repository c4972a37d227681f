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

interface Entry {
  readonly share: SubjectShare;
  holders: number;
  rest: NodeJS.Timeout | null;
}

const LONGEST_REST_MS = 3_600_000;

/** Keeps a share for each subject while it has connections, and until what they took is made good: else to connect anew would be a way around a rate. */
export class Subjects {
  readonly #shares = new Map<string, Entry>();

  get size(): number {
    return this.#shares.size;
  }

  hold(subject: string, { downBytesPerSecond, upBytesPerSecond, lookups }: ShareLimits): SubjectShare {
    let entry = this.#shares.get(subject);
    if (!entry) {
      const share = {
        down: new TokenBucket(downBytesPerSecond),
        up: new TokenBucket(upBytesPerSecond),
        lookups: new Semaphore(lookups),
      };
      entry = { share, holders: 0, rest: null };
      this.#shares.set(subject, entry);
    }
    entry.holders++;
    return entry.share;
  }

  release(subject: string): void {
    const entry = this.#shares.get(subject);
    if (entry && --entry.holders === 0 && !entry.rest) this.#forgetWhenRested(subject, entry);
  }

  #forgetWhenRested(subject: string, entry: Entry): void {
    entry.rest = null;
    if (entry.holders > 0) return;
    const restMs = Math.min(LONGEST_REST_MS, Math.max(entry.share.down.restMs(), entry.share.up.restMs()));
    if (restMs === 0) this.#shares.delete(subject);
    else entry.rest = setTimeout(() => this.#forgetWhenRested(subject, entry), restMs).unref();
  }
}
