import { FileError } from "../../errors/index.ts";
import {
  ECONNRESET,
  errnoName,
  type FileReply,
  FileReplyDecoder,
  type FileTask,
  type FileWatchEvent,
  readWatchEvent,
} from "../../guest/index.ts";
import type { GuestProcess } from "../guest-process.ts";
import { AGENT, type StartProcess } from "./file-servers.ts";
import type { WatchOptions } from "./options.ts";
import { checkArgument } from "./tar.ts";

/** Bytes of events that may wait for the reader; what does not fit waits in the guest, and more than that is an `overflow`. */
const WINDOW = 64 * 1024;

/** Events of a watched file or directory, to iterate over. It ends when the loop is left, when `close` is called, or when the file is gone. */
export class FileWatch implements AsyncIterableIterator<FileWatchEvent> {
  readonly #process: GuestProcess;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #task: FileTask;
  readonly #events: FileWatchEvent[] = [];
  readonly #decoder = new FileReplyDecoder((reply) => this.#take(reply));
  readonly #forget: () => void;
  #watching = false;
  #closed = false;

  private constructor(process: GuestProcess, path: string, signal: AbortSignal | undefined) {
    this.#process = process;
    this.#reader = process.stdout.getReader();
    this.#task = { operation: "watch", path };
    const close = () => this.close();
    signal?.addEventListener("abort", close, { once: true });
    this.#forget = () => signal?.removeEventListener("abort", close);
  }

  /** @internal Resolves when the guest is watching. */
  static async start(
    start: StartProcess,
    path: string,
    { user, recursive, signal }: WatchOptions,
    gone: AbortSignal,
  ): Promise<FileWatch> {
    checkArgument(path);
    // WHY "./": a path that begins with a dash is no option.
    const argv = [AGENT, "watch", ...(recursive ? ["--recursive"] : []), path.startsWith("-") ? `./${path}` : path];
    const process = await start(argv, { windowBytes: WINDOW, ...(user && { user }) });
    void process.stderr.cancel();
    const watch = new FileWatch(process, path, signal);
    try {
      const onGone = () => watch.close();
      gone.addEventListener("abort", onGone, { once: true });
      if (gone.aborted) onGone();
      while (!watch.#watching && !watch.#closed) await watch.#receive();
      gone.removeEventListener("abort", onGone);
      if (!watch.#watching) throw watch.#lost();
      return watch;
    } catch (error) {
      watch.close();
      throw error;
    }
  }

  /** Itself: `for await (const event of watch)`. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next event; waits for it. */
  async next(): Promise<IteratorResult<FileWatchEvent, undefined>> {
    while (this.#events.length === 0 && !this.#closed) await this.#receive();
    const value = this.#events.shift();
    return value === undefined ? { value, done: true } : { value, done: false };
  }

  /** Ends the watching. */
  async return(): Promise<IteratorResult<FileWatchEvent, undefined>> {
    this.close();
    this.#events.length = 0;
    return { value: undefined, done: true };
  }

  /** The same as `return`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** Ends the watching; events that have arrived can still be read. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forget();
    this.#process.kill("SIGKILL");
    this.#process.detach();
  }

  async #receive(): Promise<void> {
    const { value, done } = await this.#reader.read();
    if (!done) return this.#decoder.push(value);
    if (this.#closed) return;
    const { signal } = await this.#process.exit;
    this.close();
    if (signal !== null) throw this.#lost();
  }

  #lost(): FileError {
    const { operation, path } = this.#task;
    return new FileError(operation, path, ECONNRESET, errnoName(ECONNRESET), "the watcher in the guest was killed");
  }

  #take(reply: FileReply): void {
    const event = readWatchEvent(this.#task, reply);
    if (event) this.#events.push(event);
    else this.#watching = true;
  }
}
