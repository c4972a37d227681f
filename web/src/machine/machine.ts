import { type BootProgress, KernelSession, type OwnImage, type SessionState, type WarmbootError } from "warmboot";
import { ConsoleText } from "./console-text.ts";

/** Where the machine is, in the words of the bar. */
export type Phase = "downloading" | "starting" | "running" | "paused" | "off" | "failed" | "closed";

/** What to boot. */
export interface MachineRequest {
  readonly image: string | OwnImage;
  readonly memoryMb: number | null;
  readonly coldBoot: boolean;
}

/** What the page wants to know of its machine. */
export interface MachineListener {
  phase(phase: Phase): void;
  progress(progress: BootProgress): void;
  /** Text of the kernel's console, without control sequences. */
  console(text: string): void;
  /** The machine answers; again after each reboot. */
  ready(session: KernelSession): void;
  /** The machine is being started anew: what ran in it is gone. */
  rebooting(): void;
  /** The machine was shut down from within. */
  off(): void;
  /** The machine could not start, or cannot go on. */
  failed(error: unknown): void;
  /** The disk could not give bytes; the machine goes on. */
  diskError(error: WarmbootError): void;
  /** Somebody closed the machine. */
  closed(): void;
}

/** The one machine of the page. Each start is a new session; what an earlier one still says is not listened to. */
export class Machine {
  readonly #options: MachineRequest;
  readonly #listener: MachineListener;
  #session: KernelSession | null = null;
  #boot: AbortController | null = null;
  #paused = false;
  #log = new ConsoleText();

  constructor(options: MachineRequest, listener: MachineListener) {
    this.#options = options;
    this.#listener = listener;
  }

  /** The running session, `null` before it answers and after it was replaced. */
  get session(): KernelSession | null {
    return this.#session;
  }

  /** The last lines of the kernel's console, also of a machine that has failed. */
  get kernelLog(): readonly string[] {
    return this.#log.lines;
  }

  /** Ends the machine there is and boots a new one. */
  async start(): Promise<void> {
    this.#boot?.abort();
    const boot = new AbortController();
    this.#boot = boot;
    const before = this.#session;
    this.#session = null;
    this.#paused = false;
    this.#log = new ConsoleText();
    this.#listener.phase("downloading");
    await before?.close();
    if (boot.signal.aborted) return;
    try {
      const session = await KernelSession.boot({
        image: this.#options.image,
        ...(this.#options.memoryMb !== null && { memoryMb: this.#options.memoryMb }),
        coldBoot: this.#options.coldBoot,
        signal: boot.signal,
        onProgress: (progress) => this.#progress(boot, progress),
        onConsole: (text) => this.#console(boot, text),
        onDiskError: (error) => this.#boot === boot && this.#listener.diskError(error),
      });
      if (boot.signal.aborted) await session.close();
      else this.#adopt(boot, session);
    } catch (error) {
      if (!boot.signal.aborted) this.#fail(error);
    }
  }

  #adopt(boot: AbortController, session: KernelSession): void {
    this.#session = session;
    const current = () => this.#boot === boot;
    session.on("error", (error) => current() && this.#fail(error));
    session.on("state", (state) => current() && this.#state(session, state));
    this.#listener.phase("running");
    this.#listener.ready(session);
  }

  /** Starts a machine that was shut down. */
  async switchOn(): Promise<void> {
    // What goes wrong with it is told by the `error` event.
    await this.#session?.reboot().catch(() => {});
  }

  #state(session: KernelSession, state: SessionState): void {
    switch (state) {
      case "running":
        this.#listener.phase("running");
        if (!this.#paused) this.#listener.ready(session);
        this.#paused = false;
        return;
      case "booting":
        this.#log = new ConsoleText();
        this.#listener.phase("starting");
        this.#listener.rebooting();
        return;
      case "paused":
        this.#paused = true;
        this.#listener.phase("paused");
        return;
      case "off":
        this.#listener.phase("off");
        this.#listener.off();
        return;
      case "closed":
        this.#listener.phase("closed");
        this.#listener.closed();
        return;
      case "failed":
        // The `error` event says more.
        return;
    }
  }

  #progress(boot: AbortController, progress: BootProgress): void {
    if (this.#boot !== boot) return;
    if (progress.stage !== "ready") this.#listener.phase(progress.stage === "download" ? "downloading" : "starting");
    this.#listener.progress(progress);
  }

  #console(boot: AbortController, text: string): void {
    if (this.#boot !== boot) return;
    this.#listener.console(this.#log.push(text));
  }

  #fail(error: unknown): void {
    this.#listener.phase("failed");
    this.#listener.failed(error);
  }
}
