import type { Redis } from "ioredis";

/** Places that are held until they are given back. */
export interface Leases {
  /** Takes one of `max` places. @returns false when all are taken */
  acquire(key: string, id: string, max: number): Promise<boolean>;
  release(key: string, id: string): void;
  close(): void;
}

/** Counted by this process alone. */
export class LocalLeases implements Leases {
  readonly #held = new Map<string, Set<string>>();

  async acquire(key: string, id: string, max: number): Promise<boolean> {
    return this.take(key, id, max);
  }

  take(key: string, id: string, max: number): boolean {
    const held = this.#held.get(key) ?? new Set();
    if (held.size >= max) return false;
    this.#held.set(key, held.add(id));
    return true;
  }

  release(key: string, id: string): void {
    const held = this.#held.get(key);
    held?.delete(id);
    if (held?.size === 0) this.#held.delete(key);
  }

  close(): void {
    this.#held.clear();
  }

  /** All that is held, as pairs of key and id. */
  *entries(): IterableIterator<readonly [string, string]> {
    for (const [key, ids] of this.#held) for (const id of ids) yield [key, id];
  }
}

const NOW = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)";
const ACQUIRE = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;
const RENEW = `${NOW}
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1`;

export interface SharedLeasesOptions {
  readonly redis: Redis;
  readonly prefix: string;
  /** After so long without a renewal a place is free: those of a process that was killed are. */
  readonly leaseMs: number;
  /** Redis did not answer; the count is this process's own. */
  readonly onUnavailable: () => void;
}

/** Counted in Redis for all instances, by the clock of Redis. Without Redis each instance counts for itself. */
export class SharedLeases implements Leases {
  readonly #options: SharedLeasesOptions;
  readonly #local = new LocalLeases();
  readonly #heartbeat: NodeJS.Timeout;

  constructor(options: SharedLeasesOptions) {
    this.#options = options;
    this.#heartbeat = setInterval(() => void this.#renew(), options.leaseMs / 3);
  }

  async acquire(key: string, id: string, max: number): Promise<boolean> {
    // WHY: taken here first, so that what is still being asked for counts.
    if (!this.#local.take(key, id, max)) return false;
    const { redis, leaseMs } = this.#options;
    try {
      const taken = await redis.eval(ACQUIRE, 1, this.#name(key), id, max, leaseMs);
      if (taken !== 1) this.#local.release(key, id);
      return taken === 1;
    } catch {
      this.#options.onUnavailable();
      return true;
    }
  }

  release(key: string, id: string): void {
    this.#local.release(key, id);
    // A place that cannot be given back is free when its lease is over.
    this.#options.redis.zrem(this.#name(key), id).catch(() => this.#options.onUnavailable());
  }

  close(): void {
    clearInterval(this.#heartbeat);
    this.#local.close();
  }

  async #renew(): Promise<void> {
    const { redis, leaseMs, onUnavailable } = this.#options;
    const renewals = [...this.#local.entries()].map(([key, id]) => redis.eval(RENEW, 1, this.#name(key), id, leaseMs));
    const failed = (await Promise.allSettled(renewals)).some(({ status }) => status === "rejected");
    if (failed) onUnavailable();
  }

  #name(key: string): string {
    return `${this.#options.prefix}lease:${key}`;
  }
}
