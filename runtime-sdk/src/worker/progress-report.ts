import type { BootStage } from "../machine/index.ts";
import type { SessionPort } from "./run-machine.ts";

/** Sends the bytes that have arrived, at most every 50 ms, and each change of stage. */
export class ProgressReport {
  #total: number | null = null;
  readonly #port: SessionPort;
  #loaded = 0;
  #stage: BootStage = "download";
  #sentAt = 0;

  constructor(port: SessionPort) {
    this.#port = port;
  }

  add(bytes: number): void {
    this.#loaded += bytes;
    const now = performance.now();
    if (now - this.#sentAt < 50 && this.#loaded !== this.#total) return;
    this.#sentAt = now;
    this.#send();
  }

  /** Bytes that are to arrive in all; `null`: not known. */
  expect(total: number | null): void {
    this.#total = total;
    this.#send();
  }

  stage(stage: BootStage): void {
    this.#stage = stage;
    this.#send();
  }

  #send(): void {
    this.#port.post({
      type: "progress",
      progress: { stage: this.#stage, loadedBytes: this.#loaded, totalBytes: this.#total },
    });
  }
}
