import type { MachineThread, SessionPlatform } from "./platform.ts";

/** A thread that loads the emulator while the store is still being read. */
export class EarlyThread {
  /** The same platform, but the first thread that is asked for is there already. */
  readonly platform: SessionPlatform;
  #thread: MachineThread | null;

  constructor(platform: SessionPlatform) {
    const thread = platform.createThread();
    thread.post({ type: "prepare", wasmUrl: platform.wasmUrl });
    this.#thread = thread;
    this.platform = { ...platform, createThread: () => this.#take() ?? platform.createThread() };
  }

  /** Ends the thread if nobody has asked for it. */
  async end(): Promise<void> {
    await this.#take()?.terminate();
  }

  #take(): MachineThread | null {
    const thread = this.#thread;
    this.#thread = null;
    return thread;
  }
}
