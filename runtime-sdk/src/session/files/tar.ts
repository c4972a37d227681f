import { AbortedError, InvalidOptionError, ProcessEndedError, TarError } from "../../errors/index.ts";
import type { GuestProcess } from "../guest-process.ts";
import type { FileOptions } from "./call.ts";
import type { StartProcess } from "./file-servers.ts";

const WINDOW = 1 << 20;
const STDERR_LIMIT = 64 * 1024;

/** Paths that become arguments of a program must be proper text. */
export function checkArgument(path: string): void {
  if (/\p{Surrogate}/u.test(path)) throw new InvalidOptionError("path", "must be UTF-8 for this call");
}

async function readStderr(process: GuestProcess): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of process.stderr as unknown as AsyncIterable<Uint8Array>) {
    if (text.length < STDERR_LIMIT) text += decoder.decode(bytes, { stream: true });
  }
  return text.slice(0, STDERR_LIMIT);
}

async function startTar(
  start: StartProcess,
  path: string,
  args: readonly string[],
  { user, gone }: { readonly user: string | undefined; readonly gone: AbortSignal },
) {
  checkArgument(path);
  const argv = ["tar", `--directory=${path}`, "--numeric-owner", ...args];
  const process = await start(argv, { windowBytes: WINDOW, ...(user && { user }) });
  const kill = () => process.kill("SIGKILL");
  gone.addEventListener("abort", kill, { once: true });
  if (gone.aborted) kill();
  const stderr = readStderr(process);
  stderr.catch(() => {});
  /** Resolves when tar has ended well. */
  const finish = async (operation: "pack" | "unpack") => {
    const { exitCode } = await process.exit;
    gone.removeEventListener("abort", kill);
    if (exitCode !== 0) throw new TarError(operation, path, exitCode, await stderr);
  };
  return { process, finish };
}

/** The archive of a directory as tar writes it. */
export async function packTar(
  start: StartProcess,
  path: string,
  { user, signal }: FileOptions,
  gone: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { process, finish } = await startTar(start, path, ["--create", "--file=-", "."], { user, gone });
  const reader = process.stdout.getReader();
  const stop = () => process.kill("SIGKILL");
  signal?.addEventListener("abort", stop, { once: true });
  const forget = () => signal?.removeEventListener("abort", stop);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { value, done } = await reader.read();
          if (signal?.aborted) throw new AbortedError("the packing", signal.reason);
          if (!done) return controller.enqueue(value);
          await finish("pack");
          forget();
          controller.close();
        } catch (error) {
          forget();
          stop();
          controller.error(error);
        }
      },
      cancel() {
        forget();
        stop();
        return reader.cancel();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Gives an archive to tar and waits until it has unpacked it. */
export async function unpackTar(
  start: StartProcess,
  archive: Uint8Array | ReadableStream<Uint8Array>,
  path: string,
  { user }: FileOptions,
  gone: AbortSignal,
): Promise<void> {
  const { process, finish } = await startTar(start, path, ["--extract", "--preserve-permissions", "--file=-"], {
    user,
    gone,
  });
  void process.stdout.cancel();
  const stream =
    archive instanceof ReadableStream
      ? archive
      : new ReadableStream<Uint8Array>({
          start(controller) {
            controller.enqueue(archive);
            controller.close();
          },
        });
  try {
    await stream.pipeTo(process.stdin, { signal: gone });
  } catch (error) {
    // What ends tar early is told by its exit.
    if (!(error instanceof ProcessEndedError)) {
      process.kill("SIGKILL");
      throw error;
    }
  }
  await finish("unpack");
}
