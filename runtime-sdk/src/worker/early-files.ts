import type { Transport } from "../disk/index.ts";
import type { EarlyMessage } from "../machine/index.ts";

interface EarlyFile {
  readonly body: ReadableStream<Uint8Array>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
}

/** Files that the page has begun to fetch before this thread could. */
export class EarlyFiles {
  readonly #arriving = new Map<string, EarlyFile>();
  /** Those of them that nobody has asked for yet. */
  readonly #untaken = new Map<string, EarlyFile>();

  receive({ url, part }: EarlyMessage): void {
    const controller = this.#arriving.get(url)?.controller;
    if (part === "begin") this.#begin(url);
    else if (part instanceof Uint8Array) controller?.enqueue(part);
    else {
      this.#arriving.delete(url);
      if (part === "end") controller?.close();
      // Whoever has taken it tries again, by itself.
      else controller?.error(new Error("the page could not fetch it"));
    }
  }

  /** A transport that gives each of these files once, and otherwise what `transport` gives. */
  before(transport: Transport): Transport {
    return {
      open: transport.open,
      get: (url, options) => {
        const file = options.fresh ? undefined : this.#untaken.get(url);
        if (!file) return transport.get(url, options);
        this.#untaken.delete(url);
        options.signal.addEventListener("abort", () => this.#drop(url, file, options.signal.reason));
        return Promise.resolve({ status: 200, body: file.body });
      },
    };
  }

  /** Forgets what nobody has asked for. */
  clear(): void {
    for (const [url, file] of this.#untaken) this.#drop(url, file, null);
    this.#untaken.clear();
  }

  #begin(url: string): void {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (its) => {
        controller = its;
      },
      cancel: () => void this.#arriving.delete(url),
    });
    if (!controller) throw new Error("unreachable: streams start at once");
    const file = { body, controller };
    this.#arriving.set(url, file);
    this.#untaken.set(url, file);
  }

  #drop(url: string, file: EarlyFile, reason: unknown): void {
    if (this.#arriving.get(url) !== file) return;
    this.#arriving.delete(url);
    file.controller.error(reason);
  }
}
