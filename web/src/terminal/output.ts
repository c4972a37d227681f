import type { Terminal } from "@xterm/xterm";

/** xterm.js parses one write without a pause: this much takes about a millisecond. */
const SLICE = 8 * 1024;
/**
 * Bytes that xterm.js may hold unparsed; more than that waits on its way, and the program in the guest with it. It parses all of
 * them in one task, so this keeps tasks short on slow computers too, and what Ctrl-C leaves over is shown quickly.
 */
const MOST_UNPARSED = 32 * 1024;

/** Shows a process's output until the stream ends or `signal` fires; then the process may write on, to nobody. */
export async function showOutput(
  stream: ReadableStream<Uint8Array>,
  term: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  let unparsed = 0;
  let wake = () => {};
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done || signal.aborted) return;
      for (let at = 0; at < value.length; at += SLICE) {
        const slice = value.subarray(at, at + SLICE);
        unparsed += slice.length;
        term.write(slice, () => {
          unparsed -= slice.length;
          if (unparsed <= MOST_UNPARSED / 2) wake();
        });
      }
      if (unparsed < MOST_UNPARSED) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    reader.releaseLock();
  }
}
