import type { Terminal } from "@xterm/xterm";

/** xterm.js parses one write without a pause: this much takes about a millisecond. */
const SLICE = 8 * 1024;
/**
 * Bytes that xterm.js may hold unparsed; more than that waits on its way, and the program in the guest with it, so what Ctrl-C
 * leaves over is shown quickly. xterm.js parses for 12 ms at a time at most: on a fast computer about as much as this.
 */
const MOST_UNPARSED = 64 * 1024;

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
      await nextTask();
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    reader.releaseLock();
  }
}

/**
 * WHY not go on at once: xterm.js says "parsed" in a timer's task and starts its next timer when it gets more. Browsers delay a
 * timer that was started by a timer by 4 ms, which halved the throughput; one that a message's task starts is not delayed.
 */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
