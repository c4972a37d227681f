import { type BootProgress, KernelSession, type WarmbootError } from "warmboot";
import { ConsoleText } from "./console-text.ts";

/** Where the machine is, in the words of the bar. */
export type Phase = "downloading" | "starting" | "running" | "failed" | "closed";

/** What the page wants to know of its machine. */
export interface MachineListener {
  phase(phase: Phase): void;
  progress(progress: BootProgress): void;
  /** Text of the kernel's console, without control sequences. */
  console(text: string): void;
  /** The machine answers. */
  ready(session: KernelSession): void;
  /** The machine could not start, or cannot go on. */
  failed(error: unknown): void;
  /** The disk could not give bytes; the machine goes on. */
  diskError(error: WarmbootError): void;
  /** Somebody closed the machine. */
  closed(): void;
}

/** The one machine of the page. Each start is a new session; what an earlier one still says is not listened to. */
export class Machine {
  readonly #options: { readonly image: string; readonly memoryMb: number | null };
  readonly #listener: MachineListener;
  #session: KernelSession | null = null;
  #boot: AbortController | null = null;
  #log = new ConsoleText();

  constructor(options: { readonly image: string; readonly memoryMb: number | null }, listener: MachineListener) {
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
    this.#log = new ConsoleText();
    this.#listener.phase("downloading");
    await before?.close();
    if (boot.signal.aborted) return;
    try {
      const session = await KernelSession.boot({
        image: this.#options.image,
        ...(this.#options.memoryMb !== null && { memoryMb: this.#options.memoryMb }),
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
    session.on("state", (state) => {
      if (state !== "closed" || !current()) return;
      this.#listener.phase("closed");
      this.#listener.closed();
    });
    this.#listener.phase("running");
    this.#listener.ready(session);
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
