import { type BootOptions, KernelSession, localStore, type Opened, type WarmbootError } from "warmboot";
import {
  type Calls,
  type CommandResult,
  DONE_FILE,
  MACHINE,
  type OpenRequest,
  type Phase,
  type Report,
} from "./messages.ts";
import { readSavedDisk } from "./saved-disk.ts";
import { watchedStore } from "./watched-store.ts";

/** Bounds for a busy computer, not measurements. */
const BOOT_MS = 300_000;
const HANG_MS = 60_000;
const COMMAND_MS = 180_000;
const AUTOSAVE_MS = 1000;
const LOCK_MS = 30_000;
/** How often the guest is asked what is safe while the machine is saved by itself. */
const LOOK_MS = 100;

/** One life of the machine: it is opened, runs, is saved, and does not end well. */
export class MachineLife implements Calls {
  readonly #tell: (report: Report) => void;
  #session: KernelSession | null = null;
  #autosave = false;

  constructor(tell: (report: Report) => void) {
    this.#tell = tell;
  }

  async open(request: OpenRequest): Promise<Opened> {
    const { image, memoryMb, autosave } = request;
    this.#phase("opening");
    const store = watchedStore(localStore(request.store), {
      ...request,
      onCommit: (isUnderWay) => this.#phase(isUnderWay ? "committing" : this.#autosave ? "running" : "saving"),
    });
    this.#autosave = autosave;
    const session = await this.#bootWhenFree({
      image,
      machine: MACHINE,
      store,
      ...(memoryMb !== null && { memoryMb }),
      ...(autosave && { autosave: { periodMs: AUTOSAVE_MS } }),
      timeoutMs: BOOT_MS,
      hangTimeoutMs: HANG_MS,
    });
    const failed = (error: Error) => this.#tell({ kind: "failed", reason: error.message });
    session.on("error", failed);
    session.on("save-failed", failed);
    this.#session = session;
    this.#phase("checking");
    return session.opened;
  }

  async exec(command: string, stdin: string): Promise<CommandResult> {
    const { exitCode, stdout, stderr } = await this.#opened.exec(command, { stdin, timeoutMs: COMMAND_MS });
    return { exitCode, stdout, stderr };
  }

  async reboot(): Promise<void> {
    await this.#opened.reboot({ timeoutMs: BOOT_MS });
  }

  async keepSaving(sync: boolean): Promise<void> {
    this.#phase("running");
    const saving = this.#autosave ? this.#followSaves() : this.#saveForEver(sync);
    saving.catch((error) => this.#tell({ kind: "failed", reason: String(error) }));
  }

  savedDisk(store: string): Promise<string[]> {
    return readSavedDisk(localStore(store));
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }

  /** WHY it may have to wait: a browser takes a moment to notice that a page was killed, and to free its locks. */
  async #bootWhenFree(options: BootOptions): Promise<KernelSession> {
    const until = performance.now() + LOCK_MS;
    for (;;) {
      try {
        return await KernelSession.boot(options);
      } catch (error) {
        const { code } = error as WarmbootError;
        if (code !== "machine-in-use" || performance.now() > until) throw error;
        this.#tell({ kind: "locked" });
        await pause(LOOK_MS);
      }
    }
  }

  async #saveForEver(sync: boolean): Promise<never> {
    for (;;) {
      const record = await this.#safeRecord();
      this.#phase("saving");
      await this.#opened.save({ sync });
      this.#tell({ kind: "saved", record });
      this.#phase("running");
    }
  }

  /** A save that is made by itself has what was known to be safe before it began. */
  async #followSaves(): Promise<never> {
    const known: { readonly at: number; readonly record: number }[] = [];
    this.#opened.on("saved", ({ totalMs }) => {
      const beganAt = performance.now() - totalMs;
      const before = known.findLast(({ at }) => at < beganAt);
      this.#tell({ kind: "saved", record: before?.record ?? 0 });
    });
    for (;;) {
      const record = await this.#safeRecord();
      known.push({ at: performance.now(), record });
      await pause(LOOK_MS);
    }
  }

  async #safeRecord(): Promise<number> {
    return Number(await this.#opened.files.readText(DONE_FILE));
  }

  get #opened(): KernelSession {
    if (!this.#session) throw new Error("the machine is not open");
    return this.#session;
  }

  #phase(phase: Phase): void {
    this.#tell({ kind: "phase", phase });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
