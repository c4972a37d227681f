import { InvalidOptionError } from "../../errors/index.ts";
import { FILE_LIMIT, type FileClient, type FileTask, type OpenFile } from "../../guest/index.ts";

const PIECE = FILE_LIMIT.PIECE_BYTES;
/** Requests on their way at once: enough to keep host and guest busy at the same time. */
const IN_FLIGHT = 8;

export interface ByteRange {
  readonly offset: number;
  /** `undefined`: to the end. */
  readonly length: number | undefined;
}

/** Reads an open file piece by piece, several requests ahead. What is read ahead ends where the file ended when it was opened. */
export async function* readPieces(
  client: FileClient,
  task: FileTask,
  { handle, stat }: OpenFile,
  { offset, length = Number.MAX_SAFE_INTEGER - offset }: ByteRange,
): AsyncGenerator<Uint8Array, void, void> {
  const end = offset + length;
  const waiting: { readonly size: number; readonly bytes: Promise<Uint8Array> }[] = [];
  for (let next = offset; ; ) {
    while (waiting.length < IN_FLIGHT && next < end && (waiting.length === 0 || next < stat.size)) {
      const size = Math.min(PIECE, end - next);
      const bytes = client.read(task, handle, next, size);
      bytes.catch(() => {});
      waiting.push({ size, bytes });
      next += size;
    }
    const first = waiting.shift();
    if (!first) return;
    const bytes = await first.bytes;
    if (bytes.length > 0) yield bytes;
    if (bytes.length < first.size) return;
  }
}

/** Writes an open file from its beginning on, several requests ahead. */
export class PieceWriter {
  readonly #client: FileClient;
  readonly #task: FileTask;
  readonly #handle: number;
  readonly #waiting: Promise<void>[] = [];
  #offset = 0;
  #stopped = false;

  constructor(client: FileClient, task: FileTask, handle: number) {
    this.#client = client;
    this.#task = task;
    this.#handle = handle;
  }

  /** Resolves when more may be given; the bytes have been copied by then. @throws FileError, also for what was given before. */
  async write(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE) {
      if (this.#waiting.length >= IN_FLIGHT) await this.#waiting.shift();
      if (this.#stopped) return;
      const piece = bytes.subarray(at, at + PIECE);
      const written = this.#client.write(this.#task, this.#handle, this.#offset, piece);
      written.catch(() => {});
      this.#waiting.push(written);
      this.#offset += piece.length;
    }
  }

  /** Nothing more is written: the file is about to be closed. */
  stop(): void {
    this.#stopped = true;
  }

  /** Resolves when everything has been written. */
  async flush(): Promise<void> {
    for (const written of this.#waiting.splice(0)) await written;
  }
}

/** Writes all of `source`. When nobody waits any more (`gone`) it stops, and the source is cancelled. */
export async function writeAll(
  writer: PieceWriter,
  source: Uint8Array | ReadableStream<Uint8Array>,
  gone: AbortSignal,
): Promise<void> {
  if (source instanceof Uint8Array) {
    for (let at = 0; at < source.length; at += PIECE) {
      gone.throwIfAborted();
      await writer.write(source.subarray(at, at + PIECE));
    }
    return writer.flush();
  }
  const reader = source.getReader();
  const stop = () => void reader.cancel(gone.reason).catch(() => {});
  gone.addEventListener("abort", stop, { once: true });
  try {
    for (;;) {
      const { value, done } = await reader.read();
      gone.throwIfAborted();
      if (done) return await writer.flush();
      if (!(value instanceof Uint8Array)) throw new InvalidOptionError("data", "the stream must give Uint8Arrays");
      await writer.write(value);
    }
  } catch (error) {
    await reader.cancel(error).catch(() => {});
    throw error;
  } finally {
    gone.removeEventListener("abort", stop);
  }
}

/** The pieces as one array. */
export function join(pieces: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
