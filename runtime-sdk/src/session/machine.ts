import {
  EmulatorCrashedError,
  EmulatorHungError,
  KernelPanicError,
  LinkBrokenError,
  reviveError,
  type WarmbootError,
} from "../errors/index.ts";
import { type AgentInfo, type Deferred, deferred, GuestLink, type KeptTerminal } from "../guest/index.ts";
import {
  type BootProgress,
  type BootStage,
  type Capture,
  type DiskBlocks,
  type FromWorker,
  KernelLog,
  type MachineFigures,
  type WaitingShell,
} from "../machine/index.ts";
import type { ToGateway } from "../net/index.ts";
import { Captures } from "./captures.ts";
import { HostClock } from "./host-clock.ts";
import type { ImageInfo } from "./machine-info.ts";
import type { MachineListener, MachineSettings } from "./machine-settings.ts";
import { PanicWatch } from "./panic-watch.ts";
import type { MachineThread } from "./platform.ts";
import { transferOf } from "./start-message.ts";
import { Watchdog } from "./watchdog.ts";

/** One life of a machine, from power-on to the end: its thread, its link, its console. A reboot is another one. */
export class Machine {
  readonly link: GuestLink;
  readonly #thread: MachineThread;
  readonly #settings: MachineSettings;
  readonly #listener: MachineListener;
  readonly #log: KernelLog;
  readonly #watchdog: Watchdog;
  readonly #clock = new HostClock();
  readonly #ready: Deferred<void> = deferred();
  readonly #panic = new PanicWatch(() => this.#panicked());
  #pausing: Deferred<void> | null = null;
  #isPaused = false;
  #taking: Deferred<DiskBlocks> | null = null;
  #asking: Deferred<MachineFigures> | null = null;
  readonly #captures: Captures;
  #terminals: readonly KeptTerminal[] = [];
  #shell: WaitingShell | null = null;
  #ended = false;
  #isReady = false;
  #progress: BootProgress = { stage: "download", loadedBytes: 0, totalBytes: null };
  #image: ImageInfo = { imageId: "", imageName: "", memoryMb: 0, diskBytes: 0 };
  #agentSeen = false;
  #agent: AgentInfo | null = null;
  #figures: MachineFigures = { instructions: 0, ownBlocks: 0, busyMs: 0, takenAtMs: 0 };

  constructor(thread: MachineThread, settings: MachineSettings, listener: MachineListener) {
    this.#thread = thread;
    this.#settings = settings;
    this.#captures = new Captures((message) => thread.post(message));
    this.#listener = listener;
    this.#ready.promise.catch(() => {});
    this.#log = new KernelLog((reason) => this.#panic.suspect(reason, this.#agent && this.link.ping()));
    this.link = new GuestLink((bytes) => thread.post({ type: "link", bytes }, [bytes.buffer]), {
      onAnnounce: () => this.#greet(),
      onComplaint: (code, detail, text) => {
        this.#fail(new LinkBrokenError(`the agent reports error ${code} (${detail}): ${text}`));
      },
    });
    this.#watchdog = new Watchdog(
      settings.hangTimeoutMs,
      (beat) => thread.post({ type: "ping", beat }),
      (silentMs) => this.#fail(new EmulatorHungError(silentMs)),
    );
    thread.onMessage((message) => this.#receive(message));
    thread.onFailure((detail) => this.#fail(new EmulatorCrashedError(detail)));
    thread.post(settings.start, transferOf(settings.start));
    // WHY before it is there: this thread may be busy when it is. The clock is put right once more then.
    if (this.#goesOnEarly) this.#goOn();
    this.#watchdog.start();
    listener.onProgress(this.#progress);
  }

  /** Resolves when the boot is over; rejects when the machine ends before. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** What the boot is doing. */
  get stage(): BootStage {
    return this.#progress.stage;
  }

  get image(): ImageInfo {
    return this.#image;
  }

  /** What the agent says of itself, or `null` while there is none. */
  get agent(): AgentInfo | null {
    return this.#agent;
  }

  get kernelLog(): readonly string[] {
    return this.#log.lines;
  }

  get figures(): MachineFigures {
    return this.#figures;
  }

  /** The numbers of now. */
  askFigures(): Promise<MachineFigures> {
    this.#asking ??= deferred();
    this.#thread.post({ type: "ping", beat: 0 });
    return this.#asking.promise;
  }

  /** Terminals that the machine had when it was saved. */
  get terminals(): readonly KeptTerminal[] {
    return this.#terminals;
  }

  /** What is on the one terminal of a machine that its image brought along. */
  get shell(): WaitingShell | null {
    return this.#shell;
  }

  /** A message for the machine's gateway. */
  sendNetwork(message: ToGateway, transfer: ArrayBuffer[] = []): void {
    if (!this.#ended) this.#thread.post({ type: "network", message }, transfer);
  }

  sendConsole(bytes: Uint8Array<ArrayBuffer>): void {
    this.#thread.post({ type: "console", bytes });
  }

  /** Stops the CPU or lets it go on; resolves when that is so. The guest's clock is put right before anything else happens. */
  async pause(paused: boolean): Promise<void> {
    this.#isPaused = paused;
    this.#pausing ??= deferred();
    this.#thread.post({ type: "pause", paused });
    await this.#pausing.promise;
    if (!paused && this.#agent) {
      this.#hello();
      await this.link.ping();
    }
  }

  /** Its CPU stands still, so that nothing in it answers. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Stops the machine for good and takes what it wrote to its disk. */
  takeDisk(): Promise<DiskBlocks> {
    if (!this.#taking) {
      this.#taking = deferred();
      this.#thread.post({ type: "take-disk" });
    }
    return this.#taking.promise;
  }

  /** Copies the machine as it is at one instant: what changed since the last `settle(true)`, or all of it. @throws DiskBusyError */
  capture(whole: boolean, timeoutMs: number): Promise<Capture> {
    return this.#captures.ask(whole, timeoutMs);
  }

  /** Tells whether what was captured last is stored: if not, it is part of the next capture; `gone`: that has all of the machine. */
  settle(stored: boolean | "gone"): void {
    this.#thread.post({ type: "settle", stored });
  }

  /** Ends the machine at once; what is under way rejects with `error`. Resolves when the thread is gone. */
  async end(error: WarmbootError): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#watchdog.stop();
      this.#panic.stop();
      this.link.fail(error);
      for (const waiting of [this.#ready, this.#pausing, this.#taking, this.#asking]) waiting?.reject(error);
      this.#captures.fail(error);
    }
    await this.#thread.terminate();
  }

  #fail(error: WarmbootError): void {
    if (this.#ended) return;
    void this.end(error);
    this.#listener.onFailure(error);
  }

  #receive(message: FromWorker): void {
    if (this.#ended) return;
    switch (message.type) {
      case "link":
        this.#receiveLink(message.bytes);
        return;
      case "console":
        this.#receiveConsole(message.text);
        return;
      case "pong":
        this.#watchdog.answer(message.beat);
        this.#figures = message.figures;
        this.#asking?.resolve(message.figures);
        this.#asking = null;
        // The agent sets the clock of its machine when it is greeted.
        if (this.#clock.stepped() && this.#agent) this.#hello().catch(() => {});
        return;
      case "progress":
        this.#noteProgress(message.progress);
        return;
      case "booting": {
        const { imageId, imageName, memoryMb, diskBytes, shell } = message;
        this.#image = { imageId, imageName, memoryMb, diskBytes };
        this.#shell = shell;
        return;
      }
      case "restored":
        if (this.#goesOnEarly) this.#hello().catch(() => {});
        else this.#goOn();
        return;
      case "network":
        this.#listener.onNetwork(message.message);
        return;
      case "captured":
      case "capture-failed":
        this.#captures.receive(message);
        return;
      case "chunk":
        this.#listener.onChunk(message.index);
        return;
      case "disk-error":
        this.#listener.onDiskError(reviveError(message.error));
        return;
      case "paused":
        this.#pausing?.resolve();
        this.#pausing = null;
        return;
      case "disk":
        this.#taking?.resolve(message.blocks);
        return;
      case "reset":
      case "halted":
        this.#powerEvent(message.type);
        return;
      case "failed":
        this.#fail(reviveError(message.error));
        return;
    }
  }

  #receiveLink(bytes: Uint8Array): void {
    try {
      this.link.receive(bytes);
    } catch (error) {
      this.#fail(error instanceof LinkBrokenError ? error : new LinkBrokenError(String(error)));
    }
  }

  #receiveConsole(text: string): void {
    this.#log.push(text);
    this.#listener.onConsole(text);
    if (!this.#settings.expectAgent) this.#becomeReady();
  }

  /** Bytes that the disk loads later are still counted, but the stage never goes back. */
  #noteProgress(progress: BootProgress): void {
    if (this.#isReady) return;
    const stage = this.#agentSeen ? this.#progress.stage : progress.stage;
    this.#progress = { ...progress, stage };
    this.#listener.onProgress(this.#progress);
  }

  #reach(stage: BootStage): void {
    this.#progress = { ...this.#progress, stage };
    this.#listener.onProgress(this.#progress);
  }

  #becomeReady(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.#reach("ready");
    this.#ready.resolve();
  }

  /** The agent is there: gives it the clock and a seed; its answer ends the boot. */
  #greet(): void {
    if (this.#agent) this.link.reset(new LinkBrokenError("the agent in the guest was started anew"));
    else if (!this.#isReady) this.#reach("agent");
    this.#agentSeen = true;
    if (this.#settings.isCopy && !this.#agent) this.link.identify();
    this.#hello().then(
      (agent) => {
        this.#agent = agent;
        this.#becomeReady();
      },
      (error) => {
        if (!this.#isReady) this.#fail(error);
      },
    );
  }

  /** A machine that is restored for certain, and has an agent to say when it is. */
  get #goesOnEarly(): boolean {
    const { start, expectAgent } = this.#settings;
    return expectAgent && start.state?.devices != null;
  }

  /** The machine is restored and stands still: what the agent must know first waits for it when it runs. */
  #goOn(): void {
    if (this.#settings.expectAgent) {
      this.#agentSeen = true;
      const takingOver = this.link.takeOver();
      if (this.#settings.isCopy) this.link.identify();
      Promise.all([takingOver, this.#hello()]).then(
        ([terminals, agent]) => {
          this.#terminals = terminals;
          this.#agent = agent;
          this.#becomeReady();
        },
        (error) => this.#fail(error),
      );
    } else {
      this.#becomeReady();
    }
    this.#thread.post({ type: "pause", paused: false });
  }

  #hello(): Promise<AgentInfo> {
    const seed = crypto.getRandomValues(new Uint8Array(64));
    return this.link.hello(BigInt(Date.now()) * 1_000_000n, seed);
  }

  #panicked(): void {
    this.#fail(new KernelPanicError(this.#panic.reason ?? "", this.#log.lines));
  }

  #powerEvent(kind: "reset" | "halted"): void {
    if (this.#taking) return;
    if (this.#panic.reason !== null) this.#panicked();
    else if (!this.#isReady && kind === "reset")
      this.#fail(new EmulatorCrashedError("the guest reset the computer before it was up"));
    else this.#listener.onPower(kind);
  }
}
