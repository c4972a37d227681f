import { otherTasks } from "./other-tasks.ts";

/** Bytes after which other tasks of the thread get their turn. */
const TURN = 2 ** 20;

/**
 * Unpacks one gzip stream that must give exactly `size` bytes. Memory is taken for `size`, never for what the stream claims.
 * @throws RangeError when it gives more or fewer, or is not gzip.
 */
export async function gunzipExactly(bytes: Uint8Array<ArrayBuffer>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const unpacker = new Unpacker(size);
  unpacker.push(bytes);
  return unpacker.end();
}

/** The same for a stream that arrives in pieces. */
export class Unpacker {
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #unpacked: Promise<Uint8Array<ArrayBuffer>>;

  /** `size`: bytes that it must give. */
  constructor(size: number) {
    const stream = new DecompressionStream("gzip");
    this.#writer = stream.writable.getWriter();
    this.#unpacked = collect(pieces(stream.readable), size);
    // Looked at by `end`, if that is ever called.
    this.#unpacked.catch(() => {});
  }

  push(bytes: Uint8Array<ArrayBuffer>): void {
    // WHY not awaited: the write ends only as the pieces are read; its failure shows in the reader too.
    this.#writer.write(bytes).catch(() => {});
  }

  /** All of it. @throws as `gunzipExactly`. */
  end(): Promise<Uint8Array<ArrayBuffer>> {
    this.#writer.close().catch(() => {});
    return this.#unpacked;
  }

  /** Nobody wants it any more. */
  cancel(): void {
    this.#writer.abort().catch(() => {});
  }
}

/** Unpacks one gzip stream piece by piece. @throws RangeError when it is not gzip. */
export async function* gunzipPieces(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array> {
  const stream = new DecompressionStream("gzip");
  const writer = stream.writable.getWriter();
  writer.write(bytes).catch(() => {});
  writer.close().catch(() => {});
  yield* pieces(stream.readable);
}

async function collect(pieces: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const result = new Uint8Array(size);
  let at = 0;
  let turn = TURN;
  for await (const piece of pieces) {
    if (at + piece.byteLength > size) throw new RangeError(`more than ${size} bytes`);
    result.set(piece, at);
    at += piece.byteLength;
    if (at < turn) continue;
    turn = at + TURN;
    await otherTasks();
  }
  if (at !== size) throw new RangeError(`only ${at} of ${size} bytes`);
  return result;
}

async function* pieces(readable: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = readable.getReader();
  try {
    for (;;) {
      // WHY: what it fails with differs between platforms.
      const { value, done } = await reader.read().catch((cause) => {
        throw new RangeError("it is not gzip, or is damaged", { cause });
      });
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
