import { AbortedError, InvalidOptionError, TimedOutError } from "../../errors/index.ts";
import { isPathText } from "../../guest/index.ts";
import { checkInteger, checkKeys, checkText, MAX_TIMEOUT } from "../options.ts";
import { within } from "../within.ts";

/** Options of every call on the guest's files. */
export interface FileOptions {
  /** Name of a user of the guest, or a number: whose rights count, and whose home relative paths begin in. @default "root" */
  readonly user?: string;
  /** Ends the call with AbortedError. What it had done before stays done. */
  readonly signal?: AbortSignal;
  /** Longest time of the call, in ms; when a call gives a stream: until the stream is there. @default no limit */
  readonly timeoutMs?: number;
}

/** Longer ones the guest's kernel could not take. */
const PATH_LIMIT = 4095;

export function checkPath(path: string, option = "path"): void {
  if (typeof path !== "string") throw new InvalidOptionError(option, "must be a string");
  checkText(path, option);
  if (path === "") throw new InvalidOptionError(option, "must not be empty");
  if (path.length > PATH_LIMIT) throw new InvalidOptionError(option, `is longer than ${PATH_LIMIT} characters`);
  if (!isPathText(path)) throw new InvalidOptionError(option, "has a lone surrogate that stands for no byte");
}

export function checkMode(mode: number | undefined): void {
  checkInteger(mode, "mode", 0, 0o7777);
}

/** Checks what all calls have in common; `more`: names of the call's own options. */
export function checkCall(path: string, options: FileOptions, more: readonly string[] = []): void {
  checkPath(path);
  checkKeys(options, ["user", "signal", "timeoutMs", ...more]);
  checkText(options.user, "user");
  checkInteger(options.timeoutMs, "timeoutMs", 1, MAX_TIMEOUT);
}

/** Does `work`, but not longer than the options allow. The signal that it gets fires when nobody waits for it any more. */
export async function limited<T>(
  what: string,
  { signal, timeoutMs = MAX_TIMEOUT }: FileOptions,
  work: (gone: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw new AbortedError(what, signal.reason);
  const scope = new AbortController();
  const working = work(scope.signal);
  working.catch(() => {});
  try {
    return await within(working, { what, timeoutMs, onTimeout: () => new TimedOutError(what, timeoutMs), signal });
  } catch (error) {
    scope.abort(error);
    throw error;
  }
}
