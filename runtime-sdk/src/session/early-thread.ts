import type { BootOptions } from "./options.ts";
import type { MachineThread, SessionPlatform } from "./platform.ts";
import { prepareMessage } from "./start-message.ts";

/** A thread that sets a machine up while the store is still being read. */
export class EarlyThread {
  /** The same platform, but the first thread that is asked for is there already. */
  readonly platform: SessionPlatform;
  #thread: MachineThread | null;

  constructor(platform: SessionPlatform, options: BootOptions) {
    // An image of one's own may be a file in memory: that is handed over once.
    const isAddress = typeof options.image === "string" || options.image instanceof URL;
    this.#thread = isAddress ? platform.createThread() : null;
    this.#thread?.post(prepareMessage(platform, options));
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
