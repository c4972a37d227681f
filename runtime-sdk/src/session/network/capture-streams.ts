import type { ToGateway } from "../../net/index.ts";

type Post = (message: ToGateway) => void;
type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of a capture that may be on their way. */
const WINDOW = 1024 * 1024;

interface Capture {
  readonly waiting: Bytes[];
  /** Somebody wants the next piece. */
  wanted: (() => void) | null;
  isEnded: boolean;
}

/** Captures as streams. */
export class CaptureStreams {
  readonly #captures = new Map<number, Capture>();

  open(id: number, post: Post, signal: AbortSignal | undefined): ReadableStream<Bytes> {
    const capture: Capture = { waiting: [], wanted: null, isEnded: false };
    this.#captures.set(id, capture);
    let taken = 0;
    const end = () => {
      signal?.removeEventListener("abort", end);
      post({ type: "capture-end", id });
      this.#end(id);
    };
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end, { once: true });
    if (!capture.isEnded) post({ type: "capture", id, credit: WINDOW });
    return new ReadableStream(
      {
        pull: async (controller) => {
          while (capture.waiting.length === 0 && !capture.isEnded)
            await new Promise<void>((resolve) => {
              capture.wanted = resolve;
            });
          const piece = capture.waiting.shift();
          if (!piece) {
            controller.close();
            return;
          }
          controller.enqueue(piece);
          taken += piece.byteLength;
          if (taken < WINDOW / 4) return;
          post({ type: "capture", id, credit: taken });
          taken = 0;
        },
        cancel: end,
      },
      { highWaterMark: 0 },
    );
  }

  receive(id: number, bytes: Bytes): void {
    const capture = this.#captures.get(id);
    capture?.waiting.push(bytes);
    capture?.wanted?.();
  }

  /** Ends all of them. */
  end(): void {
    for (const id of [...this.#captures.keys()]) this.#end(id);
  }

  #end(id: number): void {
    const capture = this.#captures.get(id);
    this.#captures.delete(id);
    if (!capture) return;
    capture.isEnded = true;
    capture.wanted?.();
  }
}
