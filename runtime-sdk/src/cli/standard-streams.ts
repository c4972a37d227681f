import { once } from "node:events";
import { Readable } from "node:stream";

/** Copies a stream of bytes to one of the program's own outputs, at the pace of whoever reads that. */
export async function copyOut(from: ReadableStream<Uint8Array>, to: NodeJS.WriteStream): Promise<void> {
  const reader = from.getReader();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    if (!to.write(value)) await Promise.race([once(to, "drain"), once(to, "close")]);
  }
}

/** The program's stdin as a stream of bytes. */
export function standardInput(): ReadableStream<Uint8Array> {
  return Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>;
}

/** Resolves when all that was written to stdout and stderr has been handed to the system. */
export async function flushOutputs(): Promise<void> {
  const flush = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write("", () => resolve()));
  await Promise.all([flush(process.stdout), flush(process.stderr)]);
}
