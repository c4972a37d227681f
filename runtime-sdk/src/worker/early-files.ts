import type { Transport } from "../disk/index.ts";
import type { EarlyMessage, EarlyWasmMessage } from "../machine/index.ts";

interface EarlyFile {
  readonly body: ReadableStream<Uint8Array>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
}

interface EarlyModule {
  /** Null: the page could not. */
  readonly compiled: Promise<WebAssembly.Module | null>;
  readonly settle: (module: WebAssembly.Module | null) => void;
}

/** Files that the page has begun to fetch before this thread could. */
export class EarlyFiles {
  readonly #arriving = new Map<string, EarlyFile>();
  /** Those of them that nobody has asked for yet. */
  readonly #untaken = new Map<string, EarlyFile>();
  readonly #modules = new Map<string, EarlyModule>();

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

  receiveWasm({ url, module }: EarlyWasmMessage): void {
    if (module !== "begin") {
      this.#modules.get(url)?.settle(module === "failed" ? null : module);
      return;
    }
    let settle: EarlyModule["settle"] = () => {};
    const compiled = new Promise<WebAssembly.Module | null>((resolve) => {
      settle = resolve;
    });
    this.#modules.set(url, { compiled, settle });
  }

  /** The emulator of this address, if the page has begun to compile it; `null`: it has not, or it could not. */
  async wasm(url: string): Promise<WebAssembly.Module | null> {
    return (await this.#modules.get(url)?.compiled) ?? null;
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
    this.#modules.clear();
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
