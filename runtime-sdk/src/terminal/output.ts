import type { Terminal } from "@xterm/xterm";

/** xterm.js parses one write without a pause: this much takes about a millisecond. */
const SLICE = 8 * 1024;
/** Bytes that may wait for the screen; more than that waits on its way, and the program in the guest with it. */
const MOST_WAITING = 512 * 1024;
/** Bytes at once that nobody can read as they pass: drawing half as many pictures of them leaves the processor to the machine. */
const FLOOD = 16 * 1024;
/** Ms from one batch of a flood to the next: two pictures of a usual screen. */
const FLOOD_PAUSE_MS = 33;

/** Gathers what arrives while xterm.js is busy, and hands it on as one. */
class ScreenQueue {
  readonly #term: Terminal;
  #waiting: Uint8Array[] = [];
  #size = 0;
  #busy = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onRoom: (() => void) | null = null;

  constructor(term: Terminal) {
    this.#term = term;
  }

  /** Resolves when there is room for more. */
  async add(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes);
    this.#size += bytes.length;
    if (!this.#busy) this.#show();
    if (this.#size < MOST_WAITING) return;
    await new Promise<void>((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /** Drops what waits. */
  close(): void {
    clearTimeout(this.#timer);
    this.#busy = true;
    this.#take();
  }

  #take(): Uint8Array {
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#waiting) {
      bytes.set(piece, at);
      at += piece.length;
    }
    this.#waiting = [];
    this.#size = 0;
    this.#onRoom?.();
    this.#onRoom = null;
    return bytes;
  }

  #show(): void {
    const started = performance.now();
    const bytes = this.#take();
    this.#busy = true;
    const parsed = () => {
      const pause = bytes.length < FLOOD ? 0 : started + FLOOD_PAUSE_MS - performance.now();
      if (pause > 0) this.#timer = setTimeout(() => this.#next(), pause);
      else this.#next();
    };
    for (let at = 0; at < bytes.length; at += SLICE) {
      this.#term.write(bytes.subarray(at, at + SLICE), at + SLICE < bytes.length ? undefined : parsed);
    }
  }

  #next(): void {
    this.#busy = false;
    if (this.#size > 0) this.#show();
  }
}

/** Shows a process's output until the stream ends or `signal` fires; then the process may write on, to nobody. */
export async function showOutput(
  stream: ReadableStream<Uint8Array>,
  term: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const reader = stream.getReader();
  const queue = new ScreenQueue(term);
  const cancel = () => {
    queue.close();
    void reader.cancel().catch(() => {});
  };
  signal.addEventListener("abort", cancel, { once: true });
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done || signal.aborted) return;
      if (value.length > 0) await queue.add(value);
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    reader.releaseLock();
  }
}
