import { GuestConnectionError, InvalidOptionError, type WarmbootError } from "../../errors/index.ts";
import { type Deferred, deferred } from "../../guest/index.ts";
import { type FromGateway, SOCKET_WINDOW, type ToGateway } from "../../net/index.ts";

type Post = (message: ToGateway, transfer?: ArrayBuffer[]) => void;
type SocketMessage = Extract<FromGateway, { readonly type: `socket-${string}` }>;

const LARGEST_WRITE = 64 * 1024;

/** A connection to a port of the guest. */
export class GuestSocket {
  /** What the guest sends. It is held up when this is not read. Errors with GuestConnectionError when the connection is lost. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What goes to the guest; a write resolves when it is on its way. Closing it ends our direction only. */
  readonly writable: WritableStream<Uint8Array>;
  /** Resolves when both directions have ended; rejects when the connection is lost. */
  readonly closed: Promise<void>;
  readonly #post: Post;
  readonly #id: number;
  readonly #port: number;
  readonly #opened: Deferred<void> = deferred();
  readonly #closed: Deferred<void> = deferred();
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];
  #readers: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null = null;
  #writers: WritableStreamDefaultController | null = null;
  #wanted: (() => void) | null = null;
  #isEnded = false;
  #isOver = false;
  #credit = SOCKET_WINDOW;
  #credited: (() => void) | null = null;

  /** @internal Use `session.network.connect`. */
  constructor(post: Post, id: number, port: number) {
    this.#post = post;
    this.#id = id;
    this.#port = port;
    this.closed = this.#closed.promise;
    this.closed.catch(() => {});
    this.#opened.promise.catch(() => {});
    this.readable = new ReadableStream(
      {
        start: (controller) => {
          this.#readers = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.close(),
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream(
      {
        start: (controller) => {
          this.#writers = controller;
        },
        write: (bytes) => this.#write(bytes),
        close: () => this.#post({ type: "socket-end", id }),
        abort: () => this.close(),
      },
      { highWaterMark: 1 },
    );
    post({ type: "connect", id, port });
  }

  /** @internal Resolves when the guest has answered. */
  get opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** Ends the connection at once. May be called again. */
  close(): void {
    if (this.#isOver) return;
    this.#post({ type: "socket-close", id: this.#id });
    this.fail(new GuestConnectionError(this.#port, "reset"));
  }

  /** @internal A message of the gateway. Returns whether it was the last. */
  receive(message: SocketMessage): boolean {
    switch (message.type) {
      case "socket-open":
        this.#opened.resolve();
        return false;
      case "socket-data":
        this.#pieces.push(message.bytes);
        this.#wanted?.();
        return false;
      case "socket-end":
        this.#isEnded = true;
        this.#wanted?.();
        return false;
      case "socket-credit":
        this.#credit += message.bytes;
        this.#credited?.();
        return false;
      case "socket-closed":
        if (message.reason !== null) this.fail(new GuestConnectionError(this.#port, message.reason));
        else {
          this.#isOver = true;
          this.#isEnded = true;
          this.#wanted?.();
          this.#closed.resolve();
        }
        return true;
    }
  }

  /** @internal The connection cannot go on. */
  fail(error: WarmbootError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#opened.reject(error);
    this.#closed.reject(error);
    this.#readers?.error(error);
    this.#writers?.error(error);
    this.#pieces.length = 0;
    this.#wanted?.();
    this.#credited?.();
  }

  async #pull(): Promise<void> {
    while (this.#pieces.length === 0 && !this.#isEnded) {
      if (this.#isOver) return;
      await new Promise<void>((resolve) => {
        this.#wanted = resolve;
      });
    }
    const piece = this.#pieces.shift();
    if (piece) {
      this.#post({ type: "socket-credit", id: this.#id, bytes: piece.byteLength });
      this.#readers?.enqueue(piece);
    } else this.#readers?.close();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    if (!(bytes instanceof Uint8Array)) throw new InvalidOptionError("chunk", "must be a Uint8Array");
    for (let at = 0; at < bytes.byteLength; ) {
      while (this.#credit <= 0 && !this.#isOver)
        await new Promise<void>((resolve) => {
          this.#credited = resolve;
        });
      if (this.#isOver) throw new GuestConnectionError(this.#port, "reset");
      const piece = bytes.slice(at, at + Math.min(LARGEST_WRITE, this.#credit));
      at += piece.byteLength;
      this.#credit -= piece.byteLength;
      this.#post({ type: "socket-data", id: this.#id, bytes: piece }, [piece.buffer]);
    }
  }
}
