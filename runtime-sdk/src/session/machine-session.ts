import {
  AbortedError,
  BootTimeoutError,
  InvalidOptionError,
  NoAgentError,
  type WarmbootError,
} from "../errors/index.ts";
import type { ProcessChannel, SpawnRequest } from "../guest/index.ts";
import type { Capture, DiskBlocks, MachineFigures } from "../machine/index.ts";
import { Autosave, type Saveable } from "./autosave.ts";
import { EventHub, type SessionEvents, type SessionState } from "./events.ts";
import type { ExecResult } from "./exec.ts";
import { type FileOptions, SessionFiles } from "./files/index.ts";
import type { GuestProcess } from "./guest-process.ts";
import { hasAgent } from "./image.ts";
import { Machine } from "./machine.ts";
import type { MachineInfo } from "./machine-info.ts";
import { SessionNetwork } from "./network/index.ts";
import { type Beginning, forkOf, forkOptions, nothingSaved, type Opened, originOf } from "./opening.ts";
import {
  type BootOptions,
  checkFork,
  checkSave,
  checkTerminal,
  DEFAULT_SAVE_TIMEOUT_MS,
  type ExecOptions,
  type ForkOptions,
  type RebootOptions,
  type SaveOptions,
  type SpawnOptions,
  type TerminalOptions,
} from "./options.ts";
import type { SessionPlatform } from "./platform.ts";
import { PortWatcher } from "./ports.ts";
import { Power, type PowerListener } from "./power.ts";
import { runCommand, startProcess } from "./processes.ts";
import type { SaveResult, Saver } from "./saver.ts";
import { SessionSnapshots } from "./session-snapshots.ts";
import { longestBoot, startMessage } from "./start-message.ts";
import { type MachineStats, readStats } from "./stats.ts";
import { type RestoredTerminal, RestoredTerminals } from "./terminals.ts";
import { within } from "./within.ts";

const DEFAULT_HANG_TIMEOUT_MS = 10_000;

/** A machine and everything that can be done with it. */
export class MachineSession {
  readonly #platform: SessionPlatform;
  readonly #options: BootOptions;
  readonly #events = new EventHub();
  readonly #ports = new PortWatcher((argv, options) => this.spawn(argv, options), this.#events);
  /** The machine's files: read, write, list, watch, tar. */
  readonly files = new SessionFiles((argv, options) => this.spawn(argv, options));
  /** The machine's network: the relay, connections, servers in the guest. */
  readonly network: SessionNetwork;
  /** States of the machine that are kept under names. */
  readonly snapshots: SessionSnapshots;
  readonly #beginning: Beginning;
  readonly #saver: Saver | null;
  readonly #terminals = new RestoredTerminals();
  readonly #power: Power;
  #autosave: Autosave | null = null;
  #savedAt: Date | null;

  /**
   * @internal Use `KernelSession.boot`. Brings a machine up in the way that `beginning` says; resolves when it answers.
   * @param saver For a machine with a name; it is left to the caller when this rejects.
   */
  static async bringUp(
    platform: SessionPlatform,
    options: BootOptions,
    beginning: Beginning,
    saver: Saver | null,
  ): Promise<MachineSession> {
    const { signal } = options;
    const timeoutMs = longestBoot(options, beginning);
    const session = new MachineSession(platform, options, beginning, saver);
    try {
      await within(session.#machine.ready, {
        what: "the boot",
        timeoutMs,
        onTimeout: () => new BootTimeoutError(timeoutMs, session.#machine.stage, session.kernelLog),
        signal,
      });
      session.#begin();
      return session;
    } catch (error) {
      await session.#power.end();
      throw error;
    }
  }

  private constructor(platform: SessionPlatform, options: BootOptions, beginning: Beginning, saver: Saver | null) {
    this.#platform = platform;
    this.#options = options;
    this.#beginning = beginning;
    this.#saver = saver;
    this.#savedAt = beginning.opened.savedAt ?? null;
    this.snapshots = new SessionSnapshots(saver);
    this.network = new SessionNetwork(this.#events, options.network ?? null, {
      up: () => this.#power.up(),
      now: () => this.#power.machine,
    });
    if (options.onProgress) this.on("progress", options.onProgress);
    if (options.onConsole) this.on("console", options.onConsole);
    if (options.onDiskError) this.on("disk-error", options.onDiskError);
    this.#power = new Power(this.#events, (blocks, listener) => this.#powerOn(blocks, listener));
  }

  /** Where the session is. */
  get state(): SessionState {
    return this.#power.state;
  }

  /** The machine's image, memory and agent. */
  get info(): MachineInfo {
    return { ...this.#machine.image, agent: this.#machine.agent?.build ?? "" };
  }

  /** How the machine came up. */
  get opened(): Opened {
    return this.#beginning.opened;
  }

  /** When it was saved last, here or before; `null`: never. */
  get savedAt(): Date | null {
    return this.#savedAt;
  }

  /** Terminals that were open in the machine when it was saved or forked, in the order in which they were opened. */
  get terminals(): readonly RestoredTerminal[] {
    return this.#terminals.of(this.#machine);
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
    return runCommand((request) => this.#start(request), command, options);
  }

  /**
   * Starts a process and gives its streams.
   * @param argv Command and arguments; a command without a slash is looked up in PATH.
   * @throws InvalidOptionError, SpawnError (no such command, unknown user, missing directory), NoAgentError, SessionClosedError, or
   * what ended the machine.
   */
  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<GuestProcess> {
    return startProcess((request) => this.#start(request), argv, options);
  }

  /**
   * Opens a terminal with a login shell (or `argv`) on it.
   * @example const terminal = await session.openTerminal({ cols: 120, rows: 40 });
   */
  async openTerminal(options: TerminalOptions = {}): Promise<GuestProcess> {
    checkTerminal(options);
    const waiting = this.#terminals.takeShell(await this.#power.up(), options);
    if (waiting) return waiting;
    const { argv, cols = 80, rows = 24, ...rest } = options;
    return this.spawn(argv ?? ["bash"], { ...rest, pty: { cols, rows }, login: argv === undefined });
  }

  /**
   * Types on the serial console, `/dev/ttyS0` in the guest: a serial line without flow control, as a real one. What it prints comes as
   * the `console` event. The way to talk to an image without an agent.
   */
  writeConsole(data: string | Uint8Array): void {
    this.#power.checkOn();
    this.#machine.sendConsole(typeof data === "string" ? new TextEncoder().encode(data) : data.slice());
  }

  /** Stops the machine's CPU; it takes no time of the computer until `resume`. Does nothing when it is paused. */
  pause(): Promise<void> {
    return this.#power.pause();
  }

  /** Lets a paused machine go on, with its clock put right. Does nothing when it is not paused. */
  resume(): Promise<void> {
    return this.#power.resume();
  }

  /**
   * Starts the machine anew, on the same disk; resolves when it is up. What ran in it rejects with MachineRestartedError. Also starts
   * a machine that is off.
   * @throws BootTimeoutError, KernelPanicError and what else `boot` can throw; AbortedError (the machine goes on rebooting).
   */
  reboot(options: RebootOptions = {}): Promise<void> {
    return this.#power.reboot(options);
  }

  /**
   * Saves the machine under its name, as it is at one instant; resolves when that is safe. It comes back by `boot` with the same name. Of a
   * machine that is off the disk is saved.
   * @throws InvalidOptionError (it has no name, or has a snapshot of that one), QuotaError, StoreError, DiskBusyError, AbortedError (after all of these what was saved
   * before is whole, and the machine goes on), MachineTakenOverError, SessionClosedError, or what ended the machine.
   */
  async save(options: SaveOptions = {}): Promise<SaveResult> {
    checkSave(options);
    if (this.state !== "off") this.#power.checkOn();
    if (!this.#saver) throw new InvalidOptionError("machine", "is needed: this session's machine has no name");
    const result = await this.#save(this.#saver, options);
    this.#savedAt = result.savedAt;
    this.#events.emit("saved", result);
    return result;
  }

  /**
   * Saves the machine, and gives it as one file, for `savedMachines().import`. The machine and later saves go on while it is read.
   * @throws as `save`
   */
  async export(options: SaveOptions = {}): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    await this.save(options);
    if (!this.#saver) throw new InvalidOptionError("machine", "is needed: this session's machine has no name");
    return this.#saver.exportLast();
  }

  /** @internal All of the machine at one instant, not packed. */
  async captureAll(): Promise<Capture> {
    const machine = await this.#power.up();
    return machine.capture(true, DEFAULT_SAVE_TIMEOUT_MS);
  }

  /**
   * Makes a second machine that goes on from where this one is, without a name. It shares nothing with this one; processes started
   * by this session go on in it too, and those on terminals are among its `terminals`.
   * @throws as `boot`; DiskBusyError, AbortedError, MachineOffError, SessionClosedError, or what ended the machine.
   */
  async fork(options: ForkOptions = {}): Promise<MachineSession> {
    checkFork(options);
    const { timeoutMs: longest = DEFAULT_SAVE_TIMEOUT_MS, signal } = options;
    if (signal?.aborted) throw new AbortedError("the fork", signal.reason);
    const machine = await this.#power.up();
    await this.#terminals.endShell(machine);
    const boot = forkOptions(this.#options, this.network.options, signal);
    return MachineSession.bringUp(this.#platform, boot, await forkOf(machine, longest), null);
  }

  /**
   * Ends the machine at once, without saving it, but after a save that is under way. What is under way in it rejects with
   * SessionClosedError. May be called again.
   */
  async close(): Promise<void> {
    this.#autosave?.stop();
    this.network.end();
    const ending = this.#power.end();
    await this.#saver?.release();
    await ending;
  }

  /** The same as `close`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #save(saver: Saver, options: SaveOptions): Promise<SaveResult> {
    const origin = originOf(this.#options, this.#platform);
    if (this.state === "off") {
      const saved = await this.#power.offDisk((disk) => saver.saveOff(this.#machine, disk, origin, options));
      if (saved) return saved;
    }
    const machine = await this.#power.up();
    await this.#terminals.endShell(machine);
    const { sync = true } = options;
    return saver.save(machine, origin, { ...options, sync: sync && this.state === "running" });
  }

  get #machine(): Machine {
    return this.#power.machine;
  }

  async #start(request: SpawnRequest): Promise<ProcessChannel> {
    const machine = await this.#power.up();
    if (!machine.agent) throw new NoAgentError();
    return machine.link.spawn(request);
  }

  /** `blocks`: the disk of the machine before; null for the first, which begins as it was said. */
  #powerOn(blocks: DiskBlocks | null, listener: PowerListener): Machine {
    const { image, onChunk, hangTimeoutMs } = this.#options;
    const state = blocks ? nothingSaved(this.#saver?.reserveSerials() ?? 1) : this.#beginning.state;
    const from = { blocks, guard: this.#beginning.guard, state };
    this.network.machineStarted();
    return this.network.joinLan(
      new Machine(
        this.#platform.createThread(),
        {
          start: startMessage(this.#platform, this.#options, from, this.network.relay),
          hangTimeoutMs: hangTimeoutMs ?? DEFAULT_HANG_TIMEOUT_MS,
          expectAgent: hasAgent(image),
          isCopy: blocks === null && this.#beginning.isCopy,
        },
        {
          onProgress: (progress) => this.#events.emit("progress", progress),
          onConsole: (text) => this.#events.emit("console", text),
          onDiskError: (error) => this.#events.emit("disk-error", error),
          onChunk: (index) => onChunk?.(index),
          onNetwork: (message) => this.network.receive(message),
          ...listener,
        },
      ),
    );
  }

  #begin(): void {
    this.#saver?.onLost((error) => this.#power.fail(error));
    this.on("error", () => this.#autosave?.stop());
    const { autosave } = this.#options;
    if (!autosave) return;
    const session: Saveable = {
      figures: () => this.figures,
      save: (options) => this.save(options),
      failed: (error) => this.#events.emit("save-failed", error as WarmbootError),
      onHide: (hidden) => this.#platform.onHide(hidden),
    };
    this.#autosave = new Autosave(session, autosave === true ? {} : autosave);
    this.on("saved", () => this.#autosave?.noteSaved());
    this.on("state", (state) => state === "off" && this.#autosave?.noteOff());
  }
}
