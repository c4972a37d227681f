import { AbortedError } from "../errors/index.ts";
import { type ExitStatus, type ProcessChannel, SIGNALS, TARGET } from "../guest/index.ts";
import type { ExecOptions } from "./options.ts";

/** What a command did. */
export class ExecResult {
  /** 0 to 255, or `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** Name of the signal that ended it, e.g. `"SIGKILL"`, or `null`. */
  readonly signal: string | null;
  /** Bytes of stdout, as written. */
  readonly stdoutBytes: Uint8Array;
  /** Bytes of stderr, as written. */
  readonly stderrBytes: Uint8Array;
  /** True when `timeoutMs` ran out and the command was killed. */
  readonly timedOut: boolean;
  /** True when stdout or stderr was longer than `maxOutputBytes`. */
  readonly truncated: boolean;

  /** @internal */
  constructor(status: ExitStatus, stdout: Collected, stderr: Collected, timedOut: boolean) {
    this.exitCode = status.exitCode;
    this.signal = status.signal;
    this.stdoutBytes = stdout.bytes;
    this.stderrBytes = stderr.bytes;
    this.timedOut = timedOut;
    this.truncated = stdout.truncated || stderr.truncated;
  }

  /** stdout as UTF-8 text. */
  get stdout(): string {
    return new TextDecoder().decode(this.stdoutBytes);
  }

  /** stderr as UTF-8 text. */
  get stderr(): string {
    return new TextDecoder().decode(this.stderrBytes);
  }
}

interface Collected {
  readonly bytes: Uint8Array;
  readonly truncated: boolean;
}

const DEFAULT_MAX_OUTPUT = 64 * 2 ** 20;
/** A killed process that has not ended after this long is stuck in its kernel; the caller need not be. */
const KILL_GRACE_MS = 5000;

/** Follows a started command to its end. */
export async function followExec(channel: ProcessChannel, options: ExecOptions): Promise<ExecResult> {
  const max = options.maxOutputBytes ?? DEFAULT_MAX_OUTPUT;
  const stdout = collect(channel.stdout.readable, max);
  const stderr = collect(channel.stderr.readable, max);
  const aborting = feed(channel, options);
  aborting.catch(() => {});

  const watch = watchLimits(channel, options);
  let status: ExitStatus;
  try {
    status = await Promise.race([channel.exit, watch.stopped]);
  } finally {
    watch.end();
  }
  // What the command itself wrote is here; children that go on in the background write to nobody.
  channel.detach();
  return new ExecResult(status, await stdout, await stderr, watch.timedOut());
}

/** Kills on time-out or abort. `stopped` rejects on abort, and resolves when a killed command does not end. */
function watchLimits(channel: ProcessChannel, { timeoutMs, signal }: ExecOptions) {
  let timedOut = false;
  const timers: ReturnType<typeof setTimeout>[] = [];
  let onAbort = () => {};
  const kill = () => channel.signal(SIGNALS.SIGKILL, TARGET.GROUP);
  const stopped = new Promise<ExitStatus>((resolve, reject) => {
    if (timeoutMs !== undefined) {
      timers.push(
        setTimeout(() => {
          timedOut = true;
          kill();
          timers.push(setTimeout(() => resolve({ exitCode: null, signal: "SIGKILL" }), KILL_GRACE_MS));
        }, timeoutMs),
      );
    }
    onAbort = () => {
      kill();
      channel.detach();
      reject(new AbortedError("the command", signal?.reason));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
  });
  stopped.catch(() => {});
  return {
    stopped,
    timedOut: () => timedOut,
    end: () => {
      for (const timer of timers) clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

async function feed(channel: ProcessChannel, { stdin }: ExecOptions): Promise<void> {
  if (stdin === undefined) return;
  if (stdin instanceof ReadableStream) {
    await stdin.pipeTo(channel.stdin.writable);
    return;
  }
  const writer = channel.stdin.writable.getWriter();
  await writer.write(typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin);
  await writer.close();
}

async function collect(stream: ReadableStream<Uint8Array>, max: number): Promise<Collected> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let truncated = false;
  try {
    for await (const piece of stream as unknown as AsyncIterable<Uint8Array>) {
      const kept = piece.subarray(0, max - size);
      truncated ||= kept.length < piece.length;
      if (kept.length === 0) continue;
      pieces.push(kept);
      size += kept.length;
    }
  } catch {
    // The machine is gone: `exit` rejects with the reason.
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { bytes, truncated };
}
