import {
  AbortedError,
  BootTimeoutError,
  KernelPanicError,
  MachineOffError,
  MachineRestartedError,
  NoAgentError,
  SessionClosedError,
  type WarmbootError,
} from "../errors/index.ts";
import type { ProcessChannel, SpawnRequest } from "../guest/index.ts";
import type { DiskBlocks, MachineFigures } from "../machine/index.ts";
import { EventHub, type SessionEvents, type SessionState } from "./events.ts";
import { type ExecResult, followExec } from "./exec.ts";
import { type FileOptions, SessionFiles } from "./files/index.ts";
import { GuestProcess, killOnAbort } from "./guest-process.ts";
import { hasAgent, referTo } from "./image.ts";
import { Machine } from "./machine.ts";
import type { MachineInfo } from "./machine-info.ts";
import {
  type BootOptions,
  checkExec,
  checkReboot,
  checkSpawn,
  checkTerminal,
  DEFAULT_BOOT_TIMEOUT_MS,
  type ExecOptions,
  execRequest,
  type RebootOptions,
  type SpawnOptions,
  spawnRequest,
  type TerminalOptions,
} from "./options.ts";
import type { SessionPlatform } from "./platform.ts";
import { PortWatcher } from "./ports.ts";
import { type MachineStats, readStats } from "./stats.ts";
import { within } from "./within.ts";

const DEFAULT_HANG_TIMEOUT_MS = 10_000;
/** Time that the guest gets to end its processes when it is asked to reboot. */
const SHUTDOWN_MS = 15_000;

/** A machine and everything that can be done with it. */
export class MachineSession {
  readonly #platform: SessionPlatform;
  readonly #options: BootOptions;
  readonly #events = new EventHub();
  readonly #ports = new PortWatcher((argv, options) => this.spawn(argv, options), this.#events);
  /** The machine's files: read, write, list, watch, tar. */
  readonly files = new SessionFiles((argv, options) => this.spawn(argv, options));
  #machine: Machine;
  #state: SessionState = "booting";
  #failure: WarmbootError | null = null;
  /** What the machine wrote to its disk, while it is off. */
  #disk: DiskBlocks | null = null;
  /** Done when a machine that ended has given its disk away. */
  #switching: Promise<void> | null = null;

  /** @internal Use `KernelSession.boot`. */
  constructor(platform: SessionPlatform, options: BootOptions) {
    this.#platform = platform;
    this.#options = options;
    if (options.onProgress) this.on("progress", options.onProgress);
    if (options.onConsole) this.on("console", options.onConsole);
    if (options.onDiskError) this.on("disk-error", options.onDiskError);
    this.#machine = this.#powerOn(null);
  }

  /** Where the session is. */
  get state(): SessionState {
    return this.#state;
  }

  /** The machine's image, memory and agent. */
  get info(): MachineInfo {
    return { ...this.#machine.image, agent: this.#machine.agent?.build ?? "" };
  }

  /** The last lines of the kernel's console since the machine was started, oldest first, at most 200. */
  get kernelLog(): readonly string[] {
    return this.#machine.kernelLog;
  }

  /** Numbers of the machine, at most about a second old. */
  get figures(): MachineFigures {
    return this.#machine.figures;
  }

  /** What the machine uses now: memory, load, disk, instructions. @throws as the calls of `files` do. */
  stats(options: FileOptions = {}): Promise<MachineStats> {
    return readStats(this.files, () => this.#machine.askFigures(), options);
  }

  /**
   * Adds a listener; see `SessionEvents` for the events.
   * @returns a function that takes it away again.
   */
  on<K extends keyof SessionEvents>(event: K, listener: (value: SessionEvents[K]) => void): () => void {
    const off = this.#events.on(event, listener);
    return event === "port" ? this.#ports.follow(listener as (value: SessionEvents["port"]) => void, off) : off;
  }

  /**
   * Runs a shell command to its end. A command that fails is a result, not an error.
   * @throws InvalidOptionError, SpawnError (unknown user, missing directory), AbortedError, NoAgentError, SessionClosedError, or what
   * ended the machine.
   * @example const { exitCode, stdout } = await session.exec("echo $((6*7))");
   */
  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    checkExec(command, options);
    if (options.signal?.aborted) throw new AbortedError("the command", options.signal.reason);
    const channel = await this.#start(execRequest(command, options));
    const following = followExec(channel, options);
    following.catch(() => {});
    await channel.started;
    return following;
  }

  /**
   * Starts a process and gives its streams.
   * @param argv Command and arguments; a command without a slash is looked up in PATH.
   * @throws InvalidOptionError, SpawnError (no such command, unknown user, missing directory), NoAgentError, SessionClosedError, or
   * what ended the machine.
   */
  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<GuestProcess> {
    checkSpawn(argv, options);
    const { signal } = options;
    if (signal?.aborted) throw new AbortedError("the process", signal.reason);
    const channel = await this.#start(spawnRequest(argv, options));
    if (signal) killOnAbort(channel, signal);
    return new GuestProcess(await channel.started, channel);
  }

  /**
   * Opens a terminal with a login shell (or `argv`) on it.
   * @example const terminal = await session.openTerminal({ cols: 120, rows: 40 });
   */
  openTerminal(options: TerminalOptions = {}): Promise<GuestProcess> {
    checkTerminal(options);
    const { argv, cols = 80, rows = 24, ...rest } = options;
    return this.spawn(argv ?? ["bash"], { ...rest, pty: { cols, rows }, login: argv === undefined });
  }

  /**
   * Types on the serial console, `/dev/ttyS0` in the guest: a serial line without flow control, as a real one. What it prints comes as
   * the `console` event. The way to talk to an image without an agent.
   */
  writeConsole(data: string | Uint8Array): void {
    this.#checkOn();
    this.#machine.sendConsole(typeof data === "string" ? new TextEncoder().encode(data) : data.slice());
  }

  /** Stops the machine's CPU; it takes no time of the computer until `resume`. Does nothing when it is paused. */
  async pause(): Promise<void> {
    this.#checkOn();
    await this.#up();
    if (this.#state !== "running") return;
    await this.#machine.pause(true);
    this.#enter("paused");
  }

  /** Lets a paused machine go on, with its clock put right. Does nothing when it is not paused. */
  async resume(): Promise<void> {
    this.#checkOn();
    if (this.#state !== "paused") return;
    await this.#machine.pause(false);
    this.#enter("running");
  }

  /**
   * Starts the machine anew, on the same disk; resolves when it is up. What ran in it rejects with MachineRestartedError. Also starts
   * a machine that is off.
   * @throws BootTimeoutError, KernelPanicError and what else `boot` can throw; AbortedError (the machine goes on rebooting).
   */
  async reboot(options: RebootOptions = {}): Promise<void> {
    checkReboot(options);
    const { force = false, timeoutMs = DEFAULT_BOOT_TIMEOUT_MS, signal } = options;
    if (signal?.aborted) throw new AbortedError("the reboot", signal.reason);
    if (this.#state !== "off") this.#checkOn();
    const restarting = this.#state === "off" ? this.#switchOn() : this.#shutDown(force);
    await within(
      restarting.then(() => this.#up()),
      {
        what: "the reboot",
        timeoutMs,
        onTimeout: () => new BootTimeoutError(timeoutMs, this.#machine.stage, this.#machine.kernelLog),
        signal,
      },
    );
  }

  /** Ends the machine at once. What is under way rejects with SessionClosedError. May be called again. */
  async close(): Promise<void> {
    const error = new SessionClosedError(this.#failure ?? undefined);
    if (this.#enter("closed")) this.#events.clear();
    this.#disk = null;
    await this.#machine.end(error);
  }

  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Resolves when the machine answers, rejects when it fails before. */
  get ready(): Promise<void> {
    return this.#machine.ready;
  }

  /** @internal What the boot is doing, for the message of a time-out. */
  get bootStage(): string {
    return this.#machine.stage;
  }

  /** Throws if there is no machine that is on. */
  #checkOn(): void {
    if (this.#failure) throw this.#failure;
    if (this.#state === "closed") throw new SessionClosedError();
    if (this.#state === "off") throw new MachineOffError();
  }

  async #start(request: SpawnRequest): Promise<ProcessChannel> {
    this.#checkOn();
    await this.#up();
    if (!this.#machine.agent) throw new NoAgentError();
    return this.#machine.link.spawn(request);
  }

  #powerOn(blocks: DiskBlocks | null): Machine {
    const { image, memoryMb, diskMb, kernelArgs, onChunk, hangTimeoutMs } = this.#options;
    const machine = new Machine(
      this.#platform.createThread(),
      {
        start: {
          type: "start",
          image: referTo(image, this.#platform),
          wasmUrl: this.#platform.wasmUrl,
          memoryMb: memoryMb ?? null,
          diskMb: diskMb ?? null,
          kernelArgs: kernelArgs ?? "",
          blocks,
          traceChunks: onChunk !== undefined,
        },
        hangTimeoutMs: hangTimeoutMs ?? DEFAULT_HANG_TIMEOUT_MS,
        expectAgent: hasAgent(image),
      },
      {
        onProgress: (progress) => this.#events.emit("progress", progress),
        onConsole: (text) => this.#events.emit("console", text),
        onDiskError: (error) => this.#events.emit("disk-error", error),
        onChunk: (index) => onChunk?.(index),
        onFailure: (error) => this.#fail(error),
        onPower: (kind) => this.#powerEvent(machine, kind),
      },
    );
    machine.ready.then(
      () => this.#enter("running"),
      () => {},
    );
    return machine;
  }

  /** Resolves when a machine that is being started, or started anew, is up. */
  async #up(): Promise<void> {
    await this.#switching;
    await this.#machine.ready;
  }

  /** Starts a machine that is off. */
  async #switchOn(): Promise<void> {
    // Its disk may still be on its way.
    await this.#switching;
    if (this.#state === "off") await this.#restart(this.#disk);
  }

  /** Ends the running machine and starts another one on its disk. */
  async #shutDown(force: boolean): Promise<void> {
    if (this.#state === "paused") await this.resume();
    await this.#up();
    const machine = this.#machine;
    if (!force && machine.agent) {
      const asked = this.#askToReboot(machine);
      asked.catch(() => {});
      const onTimeout = () => new Error("the guest does not shut down");
      await within(asked, { what: "shutting down", timeoutMs: SHUTDOWN_MS, onTimeout }).catch(() => {});
    }
    if (this.#machine === machine && this.#state === "running") this.#powerEvent(machine, "reset");
  }

  /** Resolves when the guest has reset the computer, or has at least written its disk. */
  async #askToReboot(machine: Machine): Promise<void> {
    const changed = new Promise<unknown>((resolve) => {
      const stop = this.on("state", (state) => {
        stop();
        resolve(state);
      });
    });
    try {
      // The guest ends its processes, writes its disk and resets the computer; `#powerEvent` does the rest.
      await machine.link.spawn(spawnRequest(["reboot"], {})).started;
      await changed;
    } catch {
      // An image without that command.
      await machine.link.spawn(spawnRequest(["sync"], {})).exit;
    }
  }

  #powerEvent(machine: Machine, kind: "reset" | "halted"): void {
    if (this.#enter(kind === "reset" ? "booting" : "off")) this.#switching = this.#switch(machine, kind);
  }

  /** Takes the disk of a machine that has ended, and starts another one on it or keeps it. */
  async #switch(machine: Machine, kind: "reset" | "halted"): Promise<void> {
    const blocks = await machine.takeDisk().catch(() => null);
    // The machine failed or was closed meanwhile, which was told by other ways.
    if (!blocks || this.#state === "closed" || this.#state === "failed") return;
    if (kind === "reset") await this.#restart(blocks);
    else {
      this.#disk = blocks;
      await machine.end(new MachineOffError());
    }
  }

  async #restart(blocks: DiskBlocks | null): Promise<void> {
    const old = this.#machine;
    this.#disk = null;
    this.#enter("booting");
    this.#machine = this.#powerOn(blocks);
    await old.end(new MachineRestartedError());
  }

  /** The one place where the state changes. `closed` is final; `failed` can only become `closed`. */
  #enter(state: SessionState): boolean {
    if (this.#state === "closed" || (this.#state === "failed" && state !== "closed") || this.#state === state)
      return false;
    this.#state = state;
    this.#events.emit("state", state);
    return true;
  }

  #fail(error: WarmbootError): void {
    if (this.#state === "failed" || this.#state === "closed") return;
    this.#failure = error;
    this.#enter("failed");
    if (error instanceof KernelPanicError) this.#events.emit("panic", error);
    this.#events.emit("error", error);
  }
}
