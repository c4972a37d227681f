import { InvalidOptionError, type WarmbootError } from "../errors/index.ts";
import { SIGNALS, type SignalName, type SpawnRequest } from "../guest/index.ts";
import type { BootProgress } from "../machine/index.ts";
import { checkMachineName, type MachineStore } from "../snapshot/index.ts";
import { checkImage, type OwnImage } from "./image.ts";
import { checkNetwork, type NetworkOptions } from "./network/index.ts";

/** Options of `KernelSession.boot`. */
export interface BootOptions {
  /** Address of the image's `image.json` (in Node a path works too), or an image of one's own. */
  readonly image: string | URL | OwnImage;
  /**
   * Name of a saved machine, 1 to 100 characters: it goes on where it was saved, or is new under this name. Nothing is saved before
   * `save()` or `autosave`. @default none: the machine cannot be saved
   */
  readonly machine?: string;
  /**
   * Go back to a state of the machine that is kept under this name, instead of to the last one, which is given up with the next save. The
   * other snapshots stay. @default the last state
   */
  readonly snapshot?: string;
  /** Where machines are saved. @default `localStore()` */
  readonly store?: MachineStore;
  /** Take the machine from whoever has it open; the session there fails with MachineTakenOverError. @default false */
  readonly takeover?: boolean;
  /** Save by itself: `true`, or when. Each save is told by the event `saved` or `save-failed`. @default false */
  readonly autosave?: boolean | AutosaveOptions;
  /** The guest's way to the outside. @default none: its names do not resolve, and connections fail at once */
  readonly network?: NetworkOptions;
  /** RAM of the machine in MiB, 64 to 2047. A saved machine keeps its own; another size starts it anew from its disk. @default what the image says (256 for the default image and for one of one's own) */
  readonly memoryMb?: number;
  /**
   * Size of the disk in MiB, from the image's to 65536; our agent grows the root file system to it at boot. It takes no space until it
   * is written. @default the image's (4096 for the default image)
   */
  readonly diskMb?: number;
  /**
   * Boot the kernel of a new machine, and read nothing of the machine that the image brings along, booted already. One with `kernelArgs`, `diskMb` or another
   * `memoryMb` than the image's boots anyway. @default false
   */
  readonly coldBoot?: boolean;
  /** Longest time from the call to the agent's answer, in ms. @default 120000 */
  readonly timeoutMs?: number;
  /** The machine's thread is killed when it has not answered for this long, in ms. @default 10000 */
  readonly hangTimeoutMs?: number;
  /** Appended to the image's kernel command line, printable ASCII. @default "" */
  readonly kernelArgs?: string;
  /** Ends the boot with AbortedError. */
  readonly signal?: AbortSignal;
  /** Called as the boot goes on; the same as the `progress` event, but from the first moment. */
  readonly onProgress?: (progress: BootProgress) => void;
  /** Called with text of the kernel's console; the same as the `console` event, but from the first moment. */
  readonly onConsole?: (text: string) => void;
  /** Called when the disk could not give bytes; the same as the `disk-error` event, but from the first moment. */
  readonly onDiskError?: (error: WarmbootError) => void;
  /** Called with the index of each chunk of the image's disk when the machine asks for it the first time, in order. */
  readonly onChunk?: (index: number) => void;
}

/** When a machine is saved by itself. */
export interface AutosaveOptions {
  /** When it has done something and then rests for about a second. @default true */
  readonly whenIdle?: boolean;
  /** After so long in ms in which it was not saved but has done something or written to its disk, at rest or not; from 1000, 0: never. @default 60000 */
  readonly periodMs?: number;
  /** When the page is hidden or left. Without waiting for the guest to write its files. Has no meaning in Node. @default true */
  readonly onHide?: boolean;
}

/** What `exec` and `spawn` have in common. */
export interface ProcessOptions {
  /** Working directory. @default the user's home */
  readonly cwd?: string;
  /** Variables set over the defaults (HOME, USER, LOGNAME, SHELL, PATH, LANG, TERM). @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Name of a user of the guest, or a number. @default "root" */
  readonly user?: string;
}

/** Options of `exec`. */
export interface ExecOptions extends ProcessOptions {
  /** Given to the command, then end of file. @default nothing, an empty stdin */
  readonly stdin?: string | Uint8Array | ReadableStream<Uint8Array>;
  /** The command's process group is killed after this long, in ms; the result says `timedOut`. @default no limit */
  readonly timeoutMs?: number;
  /** Kills the command's process group and rejects with AbortedError. */
  readonly signal?: AbortSignal;
  /** Bytes kept of each of stdout and stderr; what comes after is thrown away and the result says `truncated`. @default 67108864 */
  readonly maxOutputBytes?: number;
  /** The shell that runs the command, as `<shell> -c <command>`. @default "/bin/sh" */
  readonly shell?: string;
}

/** Size of a terminal in character cells. */
export interface TerminalSize {
  /** 1 to 65535. */
  readonly cols: number;
  /** 1 to 65535. */
  readonly rows: number;
}

/** Options of `spawn`. */
export interface SpawnOptions extends ProcessOptions {
  /** Run on a terminal of this size instead of on pipes. Its output is all on `stdout`. @default pipes */
  readonly pty?: TerminalSize;
  /** Start as a login shell: `argv[0]` gets a leading `-`. @default false */
  readonly login?: boolean;
  /** Bytes of each output stream that may wait unread before the process is held up. @default 262144 */
  readonly windowBytes?: number;
  /** Kills the process group (SIGKILL) when it fires. */
  readonly signal?: AbortSignal;
}

/** Options of `openTerminal`. */
export interface TerminalOptions extends ProcessOptions, Partial<TerminalSize> {
  /** What to run. @default ["bash"] as a login shell */
  readonly argv?: readonly string[];
  /** Bytes of output that may wait unread before the program is held up; less makes Ctrl-C in a flood look quicker. @default 262144 */
  readonly windowBytes?: number;
}

/** Options of `save`. */
export interface SaveOptions {
  /**
   * Keep this state under a name, 1 to 100 characters, until it is removed; at most 100 of a machine. What it has in common with others is
   * stored once. @default it is kept until two others were saved
   */
  readonly snapshot?: string;
  /**
   * Have the guest write what it keeps of files in memory to its disk before, for 3 s at most, so that they are there even if the saved
   * machine can only be booted. @default true
   */
  readonly sync?: boolean;
  /**
   * Longest wait for a moment at which the machine's disk waits for nothing, in ms. The store may take four times as long; then the save rejects
   * with StoreError, and may still be made. @default 30000
   */
  readonly timeoutMs?: number;
  /** Rejects with AbortedError. A save that has begun goes on, and may still be made. */
  readonly signal?: AbortSignal;
}

/** Options of `fork`. */
export interface ForkOptions {
  /** Longest wait for a moment at which the machine's disk waits for nothing, in ms. @default 30000 */
  readonly timeoutMs?: number;
  /** Rejects with AbortedError. */
  readonly signal?: AbortSignal;
}

/** Options of `reboot`. */
export interface RebootOptions {
  /** Pull the plug instead of asking the guest to end its processes and write its disk. @default false */
  readonly force?: boolean;
  /** Longest time until the machine answers again, in ms. @default 120000 */
  readonly timeoutMs?: number;
  /** Rejects with AbortedError; the machine goes on rebooting. */
  readonly signal?: AbortSignal;
}

export const DEFAULT_BOOT_TIMEOUT_MS = 120_000;
export const DEFAULT_SAVE_TIMEOUT_MS = 30_000;

const BOOT_KEYS = [
  "image",
  "machine",
  "snapshot",
  "store",
  "takeover",
  "autosave",
  "network",
  "memoryMb",
  "diskMb",
  "coldBoot",
  "timeoutMs",
  "hangTimeoutMs",
  "kernelArgs",
  "signal",
  "onProgress",
  "onConsole",
  "onDiskError",
  "onChunk",
];
const AUTOSAVE_KEYS = ["whenIdle", "periodMs", "onHide"];
const PROCESS_KEYS = ["cwd", "env", "user"];
const EXEC_KEYS = [...PROCESS_KEYS, "stdin", "timeoutMs", "signal", "maxOutputBytes", "shell"];
const SPAWN_KEYS = [...PROCESS_KEYS, "pty", "login", "windowBytes", "signal"];
const SAVE_KEYS = ["snapshot", "sync", "timeoutMs", "signal"];
const FORK_KEYS = ["timeoutMs", "signal"];
const REBOOT_KEYS = ["force", "timeoutMs", "signal"];
const TERMINAL_KEYS = [...PROCESS_KEYS, "argv", "cols", "rows", "windowBytes"];

export function checkKeys(options: object, known: readonly string[]): void {
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) throw new InvalidOptionError(key, `unknown option; known: ${known.join(", ")}`);
  }
}

export function checkInteger(value: unknown, option: string, min: number, max: number): void {
  if (value === undefined) return;
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(option, `must be a whole number from ${min} to ${max}, not ${String(value)}`);
  }
}

export function checkText(value: unknown, option: string): void {
  if (value === undefined) return;
  if (typeof value !== "string") throw new InvalidOptionError(option, "must be a string");
  if (value.includes("\0")) throw new InvalidOptionError(option, "must not contain a NUL character");
}

export const MAX_TIMEOUT = 2 ** 31 - 1;

export function checkBootOptions(options: BootOptions): void {
  checkKeys(options, BOOT_KEYS);
  checkImage(options.image);
  checkMachine(options);
  if (options.network !== undefined) checkNetwork(options.network);
  checkInteger(options.memoryMb, "memoryMb", 64, 2047);
  checkInteger(options.diskMb, "diskMb", 1, 65536);
  checkInteger(options.timeoutMs, "timeoutMs", 1, MAX_TIMEOUT);
  checkInteger(options.hangTimeoutMs, "hangTimeoutMs", 100, MAX_TIMEOUT);
  checkText(options.kernelArgs, "kernelArgs");
  if (options.kernelArgs !== undefined && !/^[\x20-\x7e]{0,1000}$/.test(options.kernelArgs)) {
    throw new InvalidOptionError("kernelArgs", "must be at most 1000 printable ASCII characters");
  }
}

function checkMachine({ machine, snapshot, store, takeover, autosave }: BootOptions): void {
  if (machine !== undefined) checkMachineName(machine, "machine");
  if (snapshot !== undefined) checkMachineName(snapshot, "snapshot");
  for (const [name, value] of Object.entries({ snapshot, store, takeover, autosave })) {
    if (value !== undefined && machine === undefined) throw new InvalidOptionError(name, "needs the option machine");
  }
  if (typeof autosave === "object") {
    checkKeys(autosave, AUTOSAVE_KEYS);
    if (autosave.periodMs !== 0) checkInteger(autosave.periodMs, "autosave.periodMs", 1000, MAX_TIMEOUT);
  }
}

export function checkSave(options: SaveOptions): void {
  checkKeys(options, SAVE_KEYS);
  if (options.snapshot !== undefined) checkMachineName(options.snapshot, "snapshot");
  checkInteger(options.timeoutMs, "timeoutMs", 1, MAX_TIMEOUT);
}

export function checkFork(options: ForkOptions): void {
  checkKeys(options, FORK_KEYS);
  checkInteger(options.timeoutMs, "timeoutMs", 1, MAX_TIMEOUT);
}

export function checkReboot(options: RebootOptions): void {
  checkKeys(options, REBOOT_KEYS);
  checkInteger(options.timeoutMs, "timeoutMs", 1, MAX_TIMEOUT);
}

function checkProcessOptions(options: ProcessOptions): void {
  checkText(options.cwd, "cwd");
  checkText(options.user, "user");
  for (const [name, value] of Object.entries(options.env ?? {})) {
    checkText(value, `env.${name}`);
    if (name === "" || /[=\0]/.test(name)) throw new InvalidOptionError("env", `"${name}" is not a variable name`);
  }
}

export function checkExec(command: string, options: ExecOptions): void {
  checkKeys(options, EXEC_KEYS);
  checkText(command, "command");
  if (typeof command !== "string") throw new InvalidOptionError("command", "must be a string");
  checkProcessOptions(options);
  checkText(options.shell, "shell");
  checkInteger(options.timeoutMs, "timeoutMs", 1, MAX_TIMEOUT);
  checkInteger(options.maxOutputBytes, "maxOutputBytes", 0, 2 ** 31);
}

function checkArgv(argv: readonly string[]): void {
  if (!Array.isArray(argv) || argv.length === 0) throw new InvalidOptionError("argv", "must have at least the command");
  for (const [i, argument] of argv.entries()) {
    if (typeof argument !== "string") throw new InvalidOptionError(`argv[${i}]`, "must be a string");
    checkText(argument, `argv[${i}]`);
  }
}

export function checkSize(size: TerminalSize): void {
  for (const side of ["cols", "rows"] as const) {
    if (size[side] === undefined) throw new InvalidOptionError(side, "is missing");
    checkInteger(size[side], side, 1, 65535);
  }
}

export function checkSpawn(argv: readonly string[], options: SpawnOptions): void {
  checkKeys(options, SPAWN_KEYS);
  checkArgv(argv);
  checkProcessOptions(options);
  checkInteger(options.windowBytes, "windowBytes", 4096, 2 ** 26);
  if (options.pty) checkSize(options.pty);
}

export function checkTerminal(options: TerminalOptions): void {
  checkKeys(options, TERMINAL_KEYS);
}

/** Number of a signal given by name. */
export function signalNumber(signal: SignalName): number {
  const number = SIGNALS[signal];
  if (number === undefined) throw new InvalidOptionError("signal", `"${signal}" is not the name of a Linux signal`);
  return number;
}

export const DEFAULT_WINDOW = 256 * 1024;

/** The request for the agent that `argv` and checked options make. */
export function spawnRequest(argv: readonly string[], options: SpawnOptions): SpawnRequest {
  const window = options.windowBytes ?? DEFAULT_WINDOW;
  return {
    argv,
    env: options.env ?? {},
    cwd: options.cwd ?? "",
    user: options.user ?? "",
    pty: options.pty ?? null,
    stdinNull: false,
    clearEnv: false,
    login: options.login ?? false,
    stdoutCredit: window,
    stderrCredit: window,
  };
}

/** The request that runs a shell command with checked options. */
export function execRequest(command: string, { cwd, env, user, shell = "/bin/sh", stdin }: ExecOptions): SpawnRequest {
  const options = {
    ...(cwd !== undefined && { cwd }),
    ...(env !== undefined && { env }),
    ...(user !== undefined && { user }),
  };
  return { ...spawnRequest([shell, "-c", command], options), stdinNull: stdin === undefined };
}
