import { AbortedError } from "../../errors/index.ts";
import { FILE_OPEN, type FileClient, type FileTask, type OpenFile } from "../../guest/index.ts";
import { type ByteRange, PieceWriter, readPieces } from "./transfer.ts";

/** Opens a file for `use` and closes it again, whatever happens. */
export async function withFile<T>(
  client: FileClient,
  task: FileTask,
  { flags, mode }: { readonly flags: number; readonly mode: number },
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const file = await client.open(task, flags, mode);
  let result: T;
  try {
    result = await use(file);
  } catch (error) {
    await client.close(task, file.handle).catch(() => {});
    throw error;
  }
  await client.close(task, file.handle);
  return result;
}

/** Calls `onAbort` when the signal fires; the result forgets that. */
function whenAborted(
  what: string,
  signal: AbortSignal | undefined,
  onAbort: (error: AbortedError) => void,
): () => void {
  const listener = () => onAbort(new AbortedError(what, signal?.reason));
  signal?.addEventListener("abort", listener, { once: true });
  if (signal?.aborted) listener();
  return () => signal?.removeEventListener("abort", listener);
}

/** A stream of an open file's bytes. It closes the file. */
export function fileReadable(
  client: FileClient,
  task: FileTask,
  file: OpenFile,
  range: ByteRange,
  signal?: AbortSignal,
): ReadableStream<Uint8Array> {
  const pieces = readPieces(client, task, file, range);
  let forget = () => {};
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    forget();
    await client.close(task, file.handle);
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        forget = whenAborted("the reading", signal, (error) => {
          controller.error(error);
          end().catch(() => {});
        });
      },
      async pull(controller) {
        try {
          const { value, done } = await pieces.next();
          if (ended) return;
          if (!done) return controller.enqueue(value);
          await end();
          controller.close();
        } catch (error) {
          end().catch(() => {});
          controller.error(error);
        }
      },
      cancel: () => end().catch(() => {}),
    },
    { highWaterMark: 0 },
  );
}

/** A stream that writes to an open file. It closes the file. */
export function fileWritable(
  client: FileClient,
  task: FileTask,
  file: OpenFile,
  signal?: AbortSignal,
): WritableStream<Uint8Array> {
  const writer = new PieceWriter(client, task, file.handle);
  let forget = () => {};
  let ended = false;
  const end = async () => {
    if (ended) return;
    ended = true;
    forget();
    writer.stop();
    await client.close(task, file.handle);
  };
  const orEnd = async (work: Promise<void>) => {
    try {
      await work;
    } catch (error) {
      end().catch(() => {});
      throw error;
    }
  };
  return new WritableStream<Uint8Array>({
    start(controller) {
      forget = whenAborted("the writing", signal, (error) => {
        controller.error(error);
        end().catch(() => {});
      });
    },
    write: (bytes) => orEnd(writer.write(bytes)),
    async close() {
      await orEnd(writer.flush());
      await end();
    },
    abort: () => end().catch(() => {}),
  });
}

/** How a file is opened to be written. */
export function writeFlags(
  append: boolean,
  mode: number | undefined,
): { readonly flags: number; readonly mode: number } {
  const begin = append ? FILE_OPEN.APPEND : FILE_OPEN.TRUNCATE;
  const setMode = mode === undefined ? 0 : FILE_OPEN.SET_MODE;
  return { flags: FILE_OPEN.WRITE | FILE_OPEN.CREATE | begin | setMode, mode: mode ?? 0o644 };
}
