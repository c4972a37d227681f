import { AbortedError, MachineFileError } from "../errors/index.ts";
import type { Bytes } from "./store.ts";

/** Reads a file from a stream, so many bytes at a time. */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => void this.#reader.cancel(this.#signal?.reason).catch(() => {});
  /** What has come and was not asked for yet. */
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>, signal: AbortSignal | undefined) {
    this.#reader = stream.getReader();
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort);
  }

  /**
   * The next `size` bytes, for which memory is taken at once: whoever asks has checked that they are not too many.
   * @throws MachineFileError when there are fewer, or the stream fails; AbortedError
   */
  async take(size: number, what: string): Promise<Bytes> {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      if (this.#rest.byteLength === 0 && !(await this.#more()))
        throw new MachineFileError(`it ends in ${what}, after ${at} of ${size} bytes`);
      const part = this.#rest.subarray(0, size - at);
      bytes.set(part, at);
      at += part.byteLength;
      this.#rest = this.#rest.subarray(part.byteLength);
    }
    return bytes;
  }

  /** @throws MachineFileError when something follows, or the stream fails; AbortedError */
  async expectEnd(): Promise<void> {
    if (this.#rest.byteLength > 0 || (await this.#more())) throw new MachineFileError("bytes follow after its end");
  }

  /** Gives the stream up, if it has not ended. */
  async close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    await this.#reader.cancel().catch(() => {});
  }

  /** Waits until there is at least one byte; false at the end. */
  async #more(): Promise<boolean> {
    while (this.#rest.byteLength === 0) {
      const { value, done } = await this.#reader.read().catch((cause) => {
        throw new MachineFileError("it could not be read to its end", cause);
      });
      if (this.#signal?.aborted) throw new AbortedError("the import", this.#signal.reason);
      if (done) return false;
      if (!(value instanceof Uint8Array)) throw new MachineFileError("its stream gives something else than bytes");
      this.#rest = value;
    }
    return true;
  }
}
