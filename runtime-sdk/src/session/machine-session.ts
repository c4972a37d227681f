import {
  AbortedError,
  EmulatorCrashedError,
  EmulatorHungError,
  KernelPanicError,
  LinkBrokenError,
  reviveError,
  SessionClosedError,
  type WarmbootError,
} from "../errors/index.ts";
import {
  type AgentInfo,
  type Deferred,
  deferred,
  GuestLink,
  type ProcessChannel,
  SIGNALS,
  TARGET,
} from "../guest/index.ts";
import {
  type BootProgress,
  type BootStage,
  type FromWorker,
  KernelLog,
  type MachineFigures,
} from "../machine/index.ts";
import { EventHub, type SessionEvents, type SessionState } from "./events.ts";
import { type ExecResult, followExec } from "./exec.ts";
import { GuestProcess } from "./guest-process.ts";
import {
  type BootOptions,
  checkExec,
  checkSpawn,
  checkTerminal,
  type ExecOptions,
  type SpawnOptions,
  spawnRequest,
  type TerminalOptions,
} from "./options.ts";
import type { MachineThread, SessionPlatform } from "./platform.ts";
import { Watchdog } from "./watchdog.ts";

/** What a session knows of its machine. */
export interface MachineInfo {
  /** Identity of the image: a SHA-256 in hex. */
  readonly imageId: string;
  readonly imageName: string;
  /** RAM in MiB. */
  readonly memoryMb: number;
  /** What the agent in the guest says of itself. */
  readonly agent: string;
}

const DEFAULT_HANG_TIMEOUT_MS = 10_000;
/** Time in which the kernel finishes printing a panic; a running machine that still answers after it did not panic. */
const PANIC_GRACE_MS = 500;

/** A machine and everything that can be done with it. */
export class MachineSession {
  readonly #thread: MachineThread;
  readonly #link: GuestLink;
  readonly #log: KernelLog;
  readonly #events = new EventHub();
  readonly #watchdog: Watchdog;
  readonly #ready: Deferred<void> = deferred();
  readonly #onChunk: (index: number) => void;
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #state: SessionState = "booting";
  #failure: WarmbootError | null = null;
  #lastProgress: BootProgress = { stage: "download", loadedBytes: 0, totalBytes: null };
  #agentSeen = false;
  #image = { imageId: "", imageName: "", memoryMb: 0 };
  #agent: AgentInfo | null = null;
  #figures: MachineFigures = { instructions: 0, ownBlocks: 0 };

  /** @internal Use `KernelSession.boot`. */
  constructor(platform: SessionPlatform, options: BootOptions) {
    this.#thread = platform.createThread();
    this.#log = new KernelLog((reason) => this.#suspectPanic(reason));
    this.#link = new GuestLink((bytes) => this.#thread.post({ type: "link", bytes }, [bytes.buffer]), {
      onAnnounce: () => this.#greet(),
      onComplaint: (code, detail, text) => {
        this.#fail(new LinkBrokenError(`the agent reports error ${code} (${detail}): ${text}`));
      },
    });
    this.#watchdog = new Watchdog(
      options.hangTimeoutMs ?? DEFAULT_HANG_TIMEOUT_MS,
      (beat) => this.#thread.post({ type: "ping", beat }),
      (silentMs) => this.#fail(new EmulatorHungError(silentMs)),
    );
    this.#onChunk = options.onChunk ?? (() => {});
    if (options.onProgress) this.on("progress", options.onProgress);
    if (options.onConsole) this.on("console", options.onConsole);
    if (options.onDiskError) this.on("disk-error", options.onDiskError);
    this.#thread.onMessage((message) => this.#receive(message));
    this.#thread.onFailure((detail) => this.#fail(new EmulatorCrashedError(detail)));
    this.#thread.post({
      type: "start",
      manifestUrl: platform.resolveImage(options.image),
      wasmUrl: platform.wasmUrl,
      memoryMb: options.memoryMb ?? null,
      kernelArgs: options.kernelArgs ?? "",
      traceChunks: options.onChunk !== undefined,
    });
    this.#watchdog.start();
  }

  /** Where the session is. */
  get state(): SessionState {
    return this.#state;
  }

  /** The machine's image, memory and agent. */
  get info(): MachineInfo {
    return { ...this.#image, agent: this.#agent?.build ?? "" };
  }

  /** The last lines of the kernel's console, oldest first, at most 200. */
  get kernelLog(): readonly string[] {
    return this.#log.lines;
  }

  /** Numbers of the machine, at most about a second old. */
  get figures(): MachineFigures {
    return this.#figures;
  }

  /**
   * Adds a listener; see `SessionEvents` for the events.
   * @returns a function that takes it away again.
   */
  on<K extends keyof SessionEvents>(event: K, listener: (value: SessionEvents[K]) => void): () => void {
    return this.#events.on(event, listener);
  }

  /**
   * Runs a shell command to its end. A command that fails is a result, not an error.
   * @throws InvalidOptionError, SpawnError (unknown user, missing directory), AbortedError, SessionClosedError, or what ended the machine.
   * @example const { exitCode, stdout } = await session.exec("echo $((6*7))");
   */
  async exec(command: string, options: ExecOptions = {}): Promise<ExecResult> {
    checkExec(command, options);
    this.#checkOpen();
    if (options.signal?.aborted) throw new AbortedError("the command", options.signal.reason);
    const { cwd, env, user } = options;
    const request = spawnRequest([options.shell ?? "/bin/sh", "-c", command], {
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { env }),
      ...(user !== undefined && { user }),
    });
    const channel = this.#link.spawn({ ...request, stdinNull: options.stdin === undefined });
    const following = followExec(channel, options);
    following.catch(() => {});
    await channel.started;
    return following;
  }

  /**
   * Starts a process and gives its streams.
   * @param argv Command and arguments; a command without a slash is looked up in PATH.
   * @throws InvalidOptionError, SpawnError (no such command, unknown user, missing directory), SessionClosedError, or what ended the machine.
   */
  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<GuestProcess> {
    checkSpawn(argv, options);
    this.#checkOpen();
    const { signal } = options;
    if (signal?.aborted) throw new AbortedError("the process", signal.reason);
    const channel = this.#link.spawn(spawnRequest(argv, options));
    if (signal) this.#killOnAbort(channel, signal);
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

  /** Ends the machine at once. What is under way rejects with SessionClosedError. May be called again. */
  async close(): Promise<void> {
    if (this.#state !== "closed") {
      const error = new SessionClosedError(this.#failure ?? undefined);
      this.#enter("closed");
      this.#end(error);
      this.#events.clear();
    }
    await this.#thread.terminate();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Resolves when the machine answers, rejects when it fails before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** @internal What the boot is doing, for the message of a time-out. */
  get bootStage(): string {
    return this.#lastProgress.stage;
  }

  #checkOpen(): void {
    if (this.#failure) throw this.#failure;
    if (this.#state === "closed") throw new SessionClosedError();
  }

  #killOnAbort(channel: ProcessChannel, signal: AbortSignal): void {
    const kill = () => channel.signal(SIGNALS.SIGKILL, TARGET.GROUP);
    signal.addEventListener("abort", kill, { once: true });
    const forget = () => signal.removeEventListener("abort", kill);
    channel.exit.then(forget, forget);
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
    this.#end(error);
    if (error instanceof KernelPanicError) this.#events.emit("panic", error);
    this.#events.emit("error", error);
  }

  #end(error: WarmbootError): void {
    this.#watchdog.stop();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#link.fail(error);
    this.#ready.reject(error);
    void this.#thread.terminate();
  }

  #receive(message: FromWorker): void {
    if (this.#state === "failed" || this.#state === "closed") return;
    switch (message.type) {
      case "link":
        this.#receiveLink(message.bytes);
        return;
      case "console":
        this.#log.push(message.text);
        this.#events.emit("console", message.text);
        return;
      case "pong":
        this.#watchdog.answer(message.beat);
        this.#figures = message.figures;
        return;
      case "progress":
        this.#progress(message.progress);
        return;
      case "booting": {
        const { imageId, imageName, memoryMb } = message;
        this.#image = { imageId, imageName, memoryMb };
        return;
      }
      case "chunk":
        this.#onChunk(message.index);
        return;
      case "disk-error":
        this.#events.emit("disk-error", reviveError(message.error));
        return;
      case "failed":
        this.#fail(reviveError(message.error));
        return;
    }
  }

  /** Bytes that the disk loads later are still counted, but the stage never goes back. */
  #progress(progress: BootProgress): void {
    if (this.#lastProgress.stage === "ready") return;
    const stage = this.#agentSeen ? this.#lastProgress.stage : progress.stage;
    this.#lastProgress = { ...progress, stage };
    this.#events.emit("progress", this.#lastProgress);
  }

  #reach(stage: BootStage): void {
    this.#lastProgress = { ...this.#lastProgress, stage };
    this.#events.emit("progress", this.#lastProgress);
  }

  #receiveLink(bytes: Uint8Array): void {
    try {
      this.#link.receive(bytes);
    } catch (error) {
      this.#fail(error instanceof LinkBrokenError ? error : new LinkBrokenError(String(error)));
    }
  }

  /** The agent is there: gives it the clock and a seed; its answer ends the boot. */
  #greet(): void {
    if (this.#agent) this.#link.reset(new LinkBrokenError("the agent in the guest was started anew"));
    else this.#reach("agent");
    this.#agentSeen = true;
    const seed = crypto.getRandomValues(new Uint8Array(64));
    this.#link.hello(BigInt(Date.now()) * 1_000_000n, seed).then(
      (agent) => {
        this.#agent = agent;
        if (!this.#enter("running")) return;
        this.#reach("ready");
        this.#ready.resolve();
      },
      (error) => {
        if (this.#state === "booting") this.#fail(error);
      },
    );
  }

  /** The console says that the kernel panicked. A machine that answers all the same was only told so by a program. */
  #suspectPanic(reason: string): void {
    const running = this.#state === "running";
    let answered = false;
    if (running) {
      this.#link.ping().then(
        () => {
          answered = true;
        },
        () => {},
      );
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!answered) this.#fail(new KernelPanicError(reason, this.#log.lines));
    }, PANIC_GRACE_MS);
    this.#timers.add(timer);
  }
}
