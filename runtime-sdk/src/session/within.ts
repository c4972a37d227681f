import { AbortedError } from "../errors/index.ts";

export interface Limits {
  /** For AbortedError, e.g. `"the boot"`. */
  readonly what: string;
  readonly timeoutMs: number;
  /** Makes the error when the time is up. */
  readonly onTimeout: () => Error;
  readonly signal?: AbortSignal | undefined;
}

/** Waits for `promise`, but not longer than allowed. What the promise stands for goes on. */
export async function within<T>(promise: Promise<T>, limits: Limits): Promise<T> {
  const { signal } = limits;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort = () => {};
  const given = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(limits.onTimeout()), limits.timeoutMs);
    onAbort = () => reject(new AbortedError(limits.what, signal?.reason));
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
  try {
    return await Promise.race([promise, given]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
