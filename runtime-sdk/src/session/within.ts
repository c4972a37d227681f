import { AbortedError } from "../errors/index.ts";

export interface Limits {
  /** For AbortedError, e.g. `"the boot"`. */
  readonly what: string;
  readonly timeoutMs: number;
  /** Makes the error when the time is up. */
  readonly onTimeout: () => Error;
  readonly signal?: AbortSignal | undefined;
}

/** Waits for `promise` until the signal fires. What the promise stands for goes on. */
export async function abortable<T>(promise: Promise<T>, what: string, signal: AbortSignal): Promise<T> {
  let onAbort = () => {};
  const given = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new AbortedError(what, signal.reason));
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    return await Promise.race([promise, given]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Waits for `promise`, but not longer than allowed. What the promise stands for goes on. */
export async function within<T>(promise: Promise<T>, limits: Limits): Promise<T> {
  const { signal } = limits;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const given = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(limits.onTimeout()), limits.timeoutMs);
  });
  const limited = Promise.race([promise, given]);
  try {
    return await (signal ? abortable(limited, limits.what, signal) : limited);
  } finally {
    clearTimeout(timer);
  }
}
