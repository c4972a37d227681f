/** Identifies a kind of failure; the same across versions. */
export type ErrorCode =
  | "aborted"
  | "artefact-damaged"
  | "artefact-missing"
  | "boot-timeout"
  | "emulator-crashed"
  | "emulator-hung"
  | "file-failed"
  | "guest-connection-failed"
  | "guest-http-failed"
  | "image-mismatch"
  | "invalid-option"
  | "kernel-panic"
  | "link-broken"
  | "machine-damaged"
  | "machine-file-refused"
  | "machine-in-use"
  | "machine-not-found"
  | "machine-off"
  | "machine-restarted"
  | "machine-taken-over"
  | "no-agent"
  | "out-of-memory"
  | "process-ended"
  | "disk-busy"
  | "quota-exceeded"
  | "session-closed"
  | "snapshot-not-found"
  | "spawn-failed"
  | "store-failed"
  | "tar-failed"
  | "timed-out"
  | "wasm-unavailable";

/**
 * Every failure of the library is one of these classes. `code` is stable across versions; `message` says what happened
 * and to which thing; `hint` says what to do next.
 */
export abstract class WarmbootError extends Error {
  /** Stable identifier, for programs. */
  abstract readonly code: ErrorCode;
  /** The class's name, written out: bundlers shorten the class itself. */
  abstract override readonly name: string;
  /** What the person or program can do about it. */
  readonly hint: string;

  constructor(message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.hint = hint;
  }
}

/** Thrown when the caller's AbortSignal fired. `cause` is the signal's reason. */
export class AbortedError extends WarmbootError {
  readonly code = "aborted";
  override readonly name = "AbortedError";
  constructor(what: string, reason?: unknown) {
    super(`${what} was aborted`, "Start it again when it is wanted.", reason);
  }
}

/** Thrown when a file of the image cannot be had: the transport failed or answered with an error status. */
export class ArtefactMissingError extends WarmbootError {
  readonly code = "artefact-missing";
  override readonly name = "ArtefactMissingError";
  /** URL or path of the file. */
  readonly file: string;
  /** HTTP status, or `null` when there was no answer. */
  readonly status: number | null;
  constructor(file: string, status: number | null, cause?: unknown) {
    super(
      status === null ? `${file} could not be loaded: no answer` : `${file} could not be loaded: HTTP status ${status}`,
      "Check that the image is published whole and that the address is right, then try again.",
      cause,
    );
    this.file = file;
    this.status = status;
  }
}

/** Thrown when a file of the image was loaded but is not what the manifest says: wrong hash, wrong length, or unreadable. */
export class ArtefactDamagedError extends WarmbootError {
  readonly code = "artefact-damaged";
  override readonly name = "ArtefactDamagedError";
  /** URL or path of the file. */
  readonly file: string;
  /** What the manifest promises, e.g. a SHA-256 in hex. */
  readonly expected: string;
  /** What was found. */
  readonly actual: string;
  constructor(file: string, expected: string, actual: string, cause?: unknown) {
    super(
      `${file} is damaged: expected ${expected}, found ${actual}`,
      "Publish the image again, or clear the cache in between.",
      cause,
    );
    this.file = file;
    this.expected = expected;
    this.actual = actual;
  }
}

/** Thrown by `boot()` when the machine did not answer in time. `log` holds the last lines of the kernel log. */
export class BootTimeoutError extends WarmbootError {
  readonly code = "boot-timeout";
  override readonly name = "BootTimeoutError";
  /** The last lines of the kernel's log, oldest first. */
  readonly log: readonly string[];
  constructor(timeoutMs: number, stage: string, log: readonly string[]) {
    super(
      `the machine did not answer within ${timeoutMs} ms (stage: ${stage})`,
      "Raise timeoutMs on a slow computer; the kernel log in `log` shows how far it came.",
    );
    this.log = log;
  }
}

/** Thrown, and sent as the `panic` event, when the guest's kernel panicked. `log` holds the last lines of the kernel log. */
export class KernelPanicError extends WarmbootError {
  readonly code = "kernel-panic";
  override readonly name = "KernelPanicError";
  /** The kernel's own reason. */
  readonly reason: string;
  /** The last lines of the kernel's log, oldest first. */
  readonly log: readonly string[];
  constructor(reason: string, log: readonly string[]) {
    super(`the kernel panicked: ${reason}`, "Read the kernel log in `log`; then boot a new machine.");
    this.reason = reason;
    this.log = log;
  }
}

/** Thrown when the worker that runs the emulator ended or threw. */
export class EmulatorCrashedError extends WarmbootError {
  readonly code = "emulator-crashed";
  override readonly name = "EmulatorCrashedError";
  constructor(detail: string, cause?: unknown) {
    super(
      `the emulator stopped: ${detail}`,
      "Boot a new machine. If it happens again, report it with the detail.",
      cause,
    );
  }
}

/** Thrown when the worker that runs the emulator no longer answers; it has been killed. */
export class EmulatorHungError extends WarmbootError {
  readonly code = "emulator-hung";
  override readonly name = "EmulatorHungError";
  constructor(silentMs: number) {
    super(`the emulator did not answer for ${silentMs} ms and was killed`, "Boot a new machine.");
  }
}

/** Thrown when something could not be done with a file of the guest. */
export class FileError extends WarmbootError {
  readonly code = "file-failed";
  override readonly name = "FileError";
  /** What was to be done, e.g. `"read"`. */
  readonly operation: string;
  /** The path as it was given. */
  readonly path: string;
  /** Linux error number of the guest, e.g. 2. */
  readonly errno: number;
  /** Its name, e.g. `"ENOENT"`. */
  readonly errnoName: string;
  constructor(operation: string, path: string, errno: number, errnoName: string, detail: string, cause?: unknown) {
    super(
      `${operation} ${JSON.stringify(path)} failed: ${detail} (${errnoName})`,
      "Check the path, and what the user may do there.",
      cause,
    );
    this.operation = operation;
    this.path = path;
    this.errno = errno;
    this.errnoName = errnoName;
  }
}

/** Thrown at once for an option or argument that cannot be used. Nothing has been changed. */
export class InvalidOptionError extends WarmbootError {
  readonly code = "invalid-option";
  override readonly name = "InvalidOptionError";
  /** Name of the option. */
  readonly option: string;
  /** What is wrong with it. */
  readonly problem: string;
  constructor(option: string, problem: string) {
    super(`${option}: ${problem}`, "Correct the option; see its documentation for the values it takes.");
    this.option = option;
    this.problem = problem;
  }
}

/** Thrown when the guest's agent and the host no longer understand each other. */
export class LinkBrokenError extends WarmbootError {
  readonly code = "link-broken";
  override readonly name = "LinkBrokenError";
  constructor(detail: string) {
    super(`the link to the guest is broken: ${detail}`, "Boot a new machine with an image made for this version.");
  }
}

/** Thrown by calls on a machine that was shut down in the guest, and by what was under way then. Its disk is kept. */
export class MachineOffError extends WarmbootError {
  readonly code = "machine-off";
  override readonly name = "MachineOffError";
  constructor() {
    super("the machine is off: it was shut down from within", "Start it again with `reboot()`.");
  }
}

/** Thrown by what was under way when the machine was started anew. The session goes on. */
export class MachineRestartedError extends WarmbootError {
  readonly code = "machine-restarted";
  override readonly name = "MachineRestartedError";
  constructor() {
    super("the machine was started anew and its processes are gone", "Start the process again.");
  }
}

/** Thrown by everything that needs our agent in the guest, on an image without one. */
export class NoAgentError extends WarmbootError {
  readonly code = "no-agent";
  override readonly name = "NoAgentError";
  constructor() {
    super(
      "the image has no Warmboot agent: commands, terminals and files need one",
      "Use the console (`writeConsole` and the `console` event), or put the agent into the image (image/README.md).",
    );
  }
}

/** Thrown when there is not enough memory for the machine. */
export class OutOfMemoryError extends WarmbootError {
  readonly code = "out-of-memory";
  override readonly name = "OutOfMemoryError";
  /** Memory that was asked for, in MiB. */
  readonly memoryMb: number;
  constructor(memoryMb: number, cause?: unknown) {
    super(
      `no memory for a machine of ${memoryMb} MiB`,
      "Ask for less with memoryMb, or close other tabs and programs.",
      cause,
    );
    this.memoryMb = memoryMb;
  }
}

/** Thrown by writes to the stdin of a process that has ended or was detached. */
export class ProcessEndedError extends WarmbootError {
  readonly code = "process-ended";
  override readonly name = "ProcessEndedError";
  constructor() {
    super("the process no longer takes input: it has ended", "Await `exit` to learn how it ended.");
  }
}

/** Thrown by every call on a session that was closed, and by calls that were under way when it closed. */
export class SessionClosedError extends WarmbootError {
  readonly code = "session-closed";
  override readonly name = "SessionClosedError";
  constructor(cause?: unknown) {
    super("the session is closed", "Boot a new machine.", cause);
  }
}

/** Thrown when a process could not be started: unknown user, missing directory, no such command, too many processes. */
export class SpawnError extends WarmbootError {
  readonly code = "spawn-failed";
  override readonly name = "SpawnError";
  /** Which step failed. */
  readonly stage: "request" | "user" | "cwd" | "fork" | "exec" | "pty" | "limit";
  /** Linux error number of the guest, e.g. 2 for ENOENT. */
  readonly errno: number;
  constructor(stage: SpawnError["stage"], errno: number, detail: string) {
    super(`the process could not be started (${stage}): ${detail}`, "Check the command, the user and the directory.");
    this.stage = stage;
    this.errno = errno;
  }
}

/** Thrown when `tar` in the guest could not pack or unpack. */
export class TarError extends WarmbootError {
  readonly code = "tar-failed";
  override readonly name = "TarError";
  /** The directory, as it was given. */
  readonly path: string;
  /** What tar ended with, or `null` when a signal ended it. */
  readonly exitCode: number | null;
  /** What tar said, at most its first 64 KiB. */
  readonly stderr: string;
  constructor(operation: "pack" | "unpack", path: string, exitCode: number | null, stderr: string) {
    const [first = "tar said nothing"] = stderr.split("\n", 1);
    super(
      `tar could not ${operation} ${JSON.stringify(path)}: ${first}`,
      "Read `stderr`; what tar had done before stays done.",
    );
    this.path = path;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** Thrown when a call took longer than its `timeoutMs`. What it had done before stays done. */
export class TimedOutError extends WarmbootError {
  readonly code = "timed-out";
  override readonly name = "TimedOutError";
  /** The time that was given, in ms. */
  readonly timeoutMs: number;
  constructor(what: string, timeoutMs: number) {
    super(`${what} took longer than ${timeoutMs} ms`, "Raise timeoutMs, or find out what holds the machine up.");
    this.timeoutMs = timeoutMs;
  }
}

/** Thrown when WebAssembly is missing or forbidden here. */
export class WasmUnavailableError extends WarmbootError {
  readonly code = "wasm-unavailable";
  override readonly name = "WasmUnavailableError";
  constructor(cause?: unknown) {
    super(
      "WebAssembly is not available",
      "Use a current browser; a Content-Security-Policy must allow 'wasm-unsafe-eval'.",
      cause,
    );
  }
}
