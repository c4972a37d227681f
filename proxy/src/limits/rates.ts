import type { Redis } from "ioredis";
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";

/** What is counted by the minute. */
export type RateKind = "attempts" | "tickets" | "connects" | "names";

const WINDOW_SECONDS = 60;

export interface RatesOptions {
  /** `null`: each instance counts for itself. */
  readonly redis: Redis | null;
  readonly prefix: string;
  /** Redis did not answer; the count is this process's own. */
  readonly onUnavailable: () => void;
}

/** So many a minute, by whom. */
export class Rates {
  readonly #options: RatesOptions;
  readonly #limiters = new Map<string, RateLimiterAbstract>();

  constructor(options: RatesOptions) {
    this.#options = options;
  }

  /** Counts one. @returns 0, or the seconds until one more is allowed */
  async consume(kind: RateKind, key: string, perMinute: number): Promise<number> {
    const { redis, onUnavailable } = this.#options;
    if (redis && redis.status !== "ready") onUnavailable();
    try {
      await this.#limiter(kind, perMinute).consume(key);
      return 0;
    } catch (error) {
      if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
      throw error;
    }
  }

  #limiter(kind: RateKind, points: number): RateLimiterAbstract {
    const name = `${kind}:${points}`;
    const known = this.#limiters.get(name);
    if (known) return known;
    const { redis, prefix } = this.#options;
    const options = { points, duration: WINDOW_SECONDS, keyPrefix: `${prefix}rate:${kind}` };
    const memory = new RateLimiterMemory(options);
    const limiter = redis
      ? new RateLimiterRedis({
          ...options,
          storeClient: redis,
          insuranceLimiter: memory,
          rejectIfRedisNotReady: true,
          // WHY: who is over the limit costs Redis nothing more.
          inMemoryBlockOnConsumed: points + 1,
        })
      : memory;
    this.#limiters.set(name, limiter);
    return limiter;
  }
}
