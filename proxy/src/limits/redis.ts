import { Redis } from "ioredis";

const COMMAND_TIMEOUT_MS = 1000;
const MAX_RETRY_MS = 5000;

/** A client that fails fast: without Redis each instance goes on by itself, and none waits for it. */
export function openRedis(url: string, onError: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2 * COMMAND_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    // WHY: a Redis that is connected and silent would make every command wait; one that is gone makes none.
    socketTimeout: COMMAND_TIMEOUT_MS,
    retryStrategy: (attempt) => Math.min(attempt * 200, MAX_RETRY_MS),
  });
  redis.on("error", onError);
  return redis;
}
