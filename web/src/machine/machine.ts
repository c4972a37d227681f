import {
  type BlockedConnection,
  type BootProgress,
  KernelSession,
  MachineNotFoundError,
  type NetworkStatus,
  type SaveResult,
  type SessionState,
  savedMachines,
  type WarmbootError,
} from "warmboot";
import type { MachineAddress } from "../address.ts";
import { settings } from "../settings.ts";
import { ConsoleText } from "./console-text.ts";
import { usualMemoryMb } from "./memory.ts";
import { networkOptions } from "./relay-choice.ts";

/** Where the machine is, in the words of the bar. */
export type Phase = "downloading" | "starting" | "running" | "paused" | "off" | "failed" | "closed";

/** What to boot. */
export type MachineRequest = Omit<MachineAddress, "kind">;

/** How a start goes about a machine that is kept. */
export interface StartOptions {
  /** Take it from the tab that has it. */
  readonly takeover?: boolean;
  /** Delete what was saved before. */
  readonly afresh?: boolean;
  /** Go back to the state that is kept under this name. The last one stays the one before. */
  readonly snapshot?: string;
}

/** How a machine came up. */
export interface CameUp {
  /** From the start until it answered, in ms. */
  readonly ms: number;
  /** It was booted again after it had been there. */
  readonly byReboot: boolean;
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
  /** The machine was saved. */
  saved(result: SaveResult): void;
  /** What was saved before had been deleted: all of the machine was saved again. */
  savedAnew(): void;
  /** The machine could not be saved; it goes on. */
  saveFailed(error: WarmbootError): void;
  /** How the way to the network stands. */
  network(status: NetworkStatus): void;
  /** The guest wanted something of the network that it may not have. */
  networkBlocked(blocked: BlockedConnection): void;
  /** Somebody closed the machine. */
  closed(): void;
}

/** The one machine of the page. Each start is a new session; what an earlier one still says is not listened to. */
export class Machine {
  readonly #options: MachineRequest;
  #listener: MachineListener | null = null;
  /** What there was to tell before somebody listened. */
  #untold: ((listener: MachineListener) => void)[] = [];
  #session: KernelSession | null = null;
  #boot: AbortController | null = null;
  #paused = false;
  #log = new ConsoleText();
  #startedAt = 0;
  #cameUp: CameUp | null = null;
  #toldProgress = false;
  #tellUnderWay = () => {};
  /** Resolves when the machine's thread has begun, or the start has failed. */
  readonly underWay = new Promise<void>((resolve) => {
    this.#tellUnderWay = resolve;
  });

  constructor(options: MachineRequest) {
    this.#options = options;
  }

  /** The listener is told what has happened so far, too. */
  listen(listener: MachineListener): void {
    this.#listener = listener;
    const untold = this.#untold;
    this.#untold = [];
    for (const tell of untold) tell(listener);
  }

  /** The running session, `null` before it answers and after it was replaced. */
  get session(): KernelSession | null {
    return this.#session;
  }

  /** The last lines of the kernel's console, also of a machine that has failed. */
  get kernelLog(): readonly string[] {
    return this.#log.lines;
  }

  /** How its last start went; `null` before it answers. */
  get cameUp(): CameUp | null {
    return this.#cameUp;
  }

  /** Ends the machine there is and starts one in its place: the one that is kept, or a new one. */
  async start({ takeover = false, afresh = false, snapshot }: StartOptions = {}): Promise<void> {
    this.#boot?.abort();
    const boot = new AbortController();
    this.#boot = boot;
    const before = this.#session;
    this.#session = null;
    this.#paused = false;
    this.#log = new ConsoleText();
    this.#begin();
    this.#tell((listener) => listener.phase("downloading"));
    await before?.close();
    if (boot.signal.aborted) return;
    const { machine } = this.#options;
    const network = this.#options.network ? networkOptions() : null;
    try {
      if (machine !== null && afresh) await forget(machine);
      // WHY in the store, and not only in this session: a tab that ends before the next save must not bring back what was left.
      if (machine !== null && snapshot !== undefined) await savedMachines().goBack(machine, snapshot);
      const memoryMb = this.#options.memoryMb ?? (await usualMemoryMb(machine));
      const session = await KernelSession.boot({
        image: this.#options.image,
        ...(machine !== null && { machine, takeover, autosave: settings.value.autosave }),
        ...(memoryMb !== null && { memoryMb }),
        ...(this.#options.diskMb !== null && { diskMb: this.#options.diskMb }),
        coldBoot: this.#options.coldBoot,
        ...(network && { network }),
        signal: boot.signal,
        onProgress: (progress) => this.#progress(boot, progress),
        onConsole: (text) => this.#console(boot, text),
        onDiskError: (error) => this.#boot === boot && this.#tell((listener) => listener.diskError(error)),
      });
      if (boot.signal.aborted) await session.close();
      else this.#adopt(boot, session);
    } catch (error) {
      if (!boot.signal.aborted) this.#fail(error);
    }
  }

  #adopt(boot: AbortController, session: KernelSession): void {
    this.#session = session;
    this.#end(false);
    const current = () => this.#boot === boot;
    session.on("error", (error) => current() && this.#fail(error));
    session.on("state", (state) => current() && this.#state(session, state));
    session.on("saved", (result) => current() && this.#tell((listener) => listener.saved(result)));
    session.on("saved", ({ wasGone }) => wasGone && current() && this.#tell((listener) => listener.savedAnew()));
    session.on("save-failed", (error) => current() && this.#tell((listener) => listener.saveFailed(error)));
    session.on("network", (status) => current() && this.#tell((listener) => listener.network(status)));
    session.on("network-blocked", (blocked) => current() && this.#tell((listener) => listener.networkBlocked(blocked)));
    this.#tell((listener) => listener.network(session.network.status));
    this.#tell((listener) => listener.phase("running"));
    this.#tell((listener) => listener.ready(session));
  }

  /** Starts a machine that was shut down. */
  async switchOn(): Promise<void> {
    // What goes wrong with it is told by the `error` event.
    await this.#session?.reboot().catch(() => {});
  }

  #begin(): void {
    this.#startedAt = performance.now();
    this.#cameUp = null;
  }

  #end(byReboot: boolean): void {
    this.#cameUp = { ms: performance.now() - this.#startedAt, byReboot };
  }

  #state(session: KernelSession, state: SessionState): void {
    switch (state) {
      case "running":
        if (!this.#paused) this.#end(true);
        this.#tell((listener) => listener.phase("running"));
        if (!this.#paused) this.#tell((listener) => listener.ready(session));
        this.#paused = false;
        return;
      case "booting":
        this.#log = new ConsoleText();
        this.#begin();
        this.#paused = false;
        this.#tell((listener) => listener.phase("starting"));
        this.#tell((listener) => listener.rebooting());
        return;
      case "paused":
        this.#paused = true;
        this.#tell((listener) => listener.phase("paused"));
        return;
      case "off":
        this.#tell((listener) => listener.phase("off"));
        this.#tell((listener) => listener.off());
        return;
      case "closed":
        this.#tell((listener) => listener.phase("closed"));
        this.#tell((listener) => listener.closed());
        return;
      case "failed":
        // The `error` event says more.
        return;
    }
  }

  #progress(boot: AbortController, progress: BootProgress): void {
    // WHY not at the first: that is the session's own, and a busy page keeps its messages from a thread that is only being started.
    if (this.#toldProgress) this.#tellUnderWay();
    this.#toldProgress = true;
    if (this.#boot !== boot) return;
    if (progress.stage !== "ready")
      this.#tell((listener) => listener.phase(progress.stage === "download" ? "downloading" : "starting"));
    this.#tell((listener) => listener.progress(progress));
  }

  #console(boot: AbortController, text: string): void {
    if (this.#boot !== boot) return;
    this.#tell((listener) => listener.console(this.#log.push(text)));
  }

  #tell(tell: (listener: MachineListener) => void): void {
    if (this.#listener) tell(this.#listener);
    else this.#untold.push(tell);
  }

  #fail(error: unknown): void {
    this.#tellUnderWay();
    this.#tell((listener) => listener.phase("failed"));
    this.#tell((listener) => listener.failed(error));
  }
}

/** Deletes a machine that is kept. One that never was saved is no error. */
async function forget(name: string): Promise<void> {
  await savedMachines()
    .remove(name)
    .catch((error) => {
      if (!(error instanceof MachineNotFoundError)) throw error;
    });
}
