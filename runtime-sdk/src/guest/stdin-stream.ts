import type { SendFrame } from "./process-channel.ts";
import { FRAME } from "./wire.gen.ts";

const NOTHING = new Uint8Array(0);

/** Standard input of a guest process: a writable stream of bytes that waits when the guest's window is full. */
export class StdinStream {
  readonly writable: WritableStream<Uint8Array>;
  readonly #send: SendFrame;
  #credit = 0;
  #held = false;
  #failure: Error | null = null;
  #wake: (() => void) | null = null;
  #controller!: WritableStreamDefaultController;

  constructor(send: SendFrame) {
    this.#send = send;
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#send(FRAME.STDIN_EOF, NOTHING),
      abort: () => this.#send(FRAME.STDIN_EOF, NOTHING),
    });
  }

  /** The guest can take `bytes` more. */
  grant(bytes: number): void {
    this.#credit += bytes;
    this.#resume();
  }

  /** Writes wait, however much the guest can take, until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#resume();
  }

  /** Writes fail from now on, those that wait too. */
  fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#controller.error(error);
    this.#resume();
  }

  #resume(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  async #write(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.byteLength; ) {
      if (this.#failure) throw this.#failure;
      if (this.#held || this.#credit === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const size = Math.min(this.#credit, chunk.byteLength - at);
      this.#credit -= size;
      this.#send(FRAME.STDIN, chunk.subarray(at, at + size));
      at += size;
    }
  }
}
