import { encodeCredit } from "./payload.ts";
import type { SendFrame } from "./process-channel.ts";
import { FRAME } from "./wire.gen.ts";

/**
 * One output stream of a guest process. The agent may send `window` bytes ahead of the reader; as the reader takes
 * bytes, credit goes back, so a reader that stops stops the process and memory stays bounded.
 */
export class OutputStream {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #send: SendFrame;
  readonly #stream: number;
  readonly #window: number;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #received = 0;
  #granted = 0;
  #open = true;

  /** `stream` is the number of the stream on the wire; `window` is in bytes. */
  constructor(send: SendFrame, stream: number, window: number) {
    this.#send = send;
    this.#stream = stream;
    this.#window = window;
    this.readable = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#giveBack(),
        cancel: () => {
          // WHY: nobody reads any more, but the process must neither block nor die: everything is taken and dropped.
          this.#open = false;
          this.#giveBack();
        },
      },
      { highWaterMark: window, size: (chunk) => chunk.byteLength },
    );
  }

  /** Bytes from the guest. The array is kept, not copied. */
  push(bytes: Uint8Array): void {
    this.#received += bytes.byteLength;
    if (this.#open) this.#controller.enqueue(bytes);
    else this.#giveBack();
  }

  /** Bytes that did not come from the guest, and for which it needs no credit. To be called before the first `push`. */
  say(bytes: Uint8Array): void {
    this.#received += bytes.byteLength;
    this.#granted += bytes.byteLength;
    this.#controller.enqueue(bytes);
  }

  end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#controller.close();
  }

  fail(error: Error): void {
    if (!this.#open) return;
    this.#open = false;
    this.#controller.error(error);
  }

  #giveBack(): void {
    const waiting = this.#open ? this.#window - (this.#controller.desiredSize ?? 0) : 0;
    const due = this.#received - waiting - this.#granted;
    // WHY a quarter: fewer frames than one a chunk, and the sender never runs dry while the reader keeps up.
    if (due < this.#window / 4) return;
    this.#granted += due;
    this.#send(FRAME.CREDIT, encodeCredit(this.#stream, due));
  }
}
