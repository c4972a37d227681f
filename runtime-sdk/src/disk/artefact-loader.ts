import { sha256Hex, Unpacker } from "../bytes/index.ts";
import { AbortedError, ArtefactDamagedError, ArtefactMissingError, WarmbootError } from "../errors/index.ts";
import type { ImageFile, StateFile } from "./manifest.ts";
import type { Transport, TransportResponse } from "./transport.ts";

export interface LoaderOptions {
  /** Address of the manifest; the image's files are named relative to it. */
  readonly manifestUrl: string;
  readonly transport: Transport;
  /** Called with the bytes that arrived from the transport, for progress. */
  readonly onBytes?: (file: string, bytes: number) => void;
  /** Pauses between tries in ms; one try more than there are pauses. Default 250, 1000, 3000. */
  readonly retryDelaysMs?: readonly number[];
  /** A try with no byte for this long counts as failed. Default 30 000 ms. */
  readonly stallTimeoutMs?: number;
}

const MAX_MANIFEST = 1024 * 1024;

/** Statuses that may pass by themselves. */
const isPassing = (status: number) => status === 408 || status === 425 || status === 429 || status >= 500;

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    signal.addEventListener("abort", stop, { once: true });
  });
}

/** Loads files of an image: checks length and hash, tries again with pauses, reports bytes. */
export class ArtefactLoader {
  readonly #options: LoaderOptions;
  readonly #delays: readonly number[];
  readonly #stallTimeoutMs: number;

  constructor(options: LoaderOptions) {
    this.#options = options;
    this.#delays = options.retryDelaysMs ?? [250, 1000, 3000];
    this.#stallTimeoutMs = options.stallTimeoutMs ?? 30_000;
  }

  /** Address of a file of the image. */
  url(file: string): string {
    return new URL(file, this.#options.manifestUrl).href;
  }

  /** Loads and parses the manifest as JSON; its fields are not checked here. */
  async loadManifest(signal: AbortSignal): Promise<unknown> {
    const url = this.#options.manifestUrl;
    const bytes = await this.#retry(url, signal, (attempt) => this.#download(attempt, "image.json", MAX_MANIFEST));
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch (cause) {
      throw new ArtefactDamagedError(url, "a JSON document", "something else", cause);
    }
  }

  /** Loads one file whole and checks it against the manifest. */
  async loadFile(file: ImageFile, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const url = this.url(file.file);
    return this.#retry(url, signal, (attempt) => this.#checked(attempt, file));
  }

  /** Loads one packed file, checks it, and unpacks it while it arrives. */
  async loadUnpacked(file: StateFile, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const url = this.url(file.file);
    return this.#retry(url, signal, async (attempt) => {
      const unpacker = new Unpacker(file.rawBytes);
      try {
        await this.#checked(attempt, file, (piece) => unpacker.push(piece));
      } catch (error) {
        unpacker.cancel();
        throw error;
      }
      return unpacker.end().catch((cause) => {
        throw new ArtefactDamagedError(url, `${file.rawBytes} bytes, packed with gzip`, String(cause), cause);
      });
    });
  }

  async #checked(attempt: Attempt, file: ImageFile, onPiece?: OnPiece): Promise<Uint8Array<ArrayBuffer>> {
    const { url } = attempt;
    const bytes = await this.#download(attempt, file.file, file.size, onPiece);
    if (bytes.length !== file.size) throw new ArtefactDamagedError(url, `${file.size} bytes`, `${bytes.length} bytes`);
    const hash = await sha256Hex(bytes);
    if (hash !== file.sha256) throw new ArtefactDamagedError(url, `SHA-256 ${file.sha256}`, hash);
    return bytes;
  }

  /** Loads one file of at most `maxSize` bytes; `check` turns it into the result or throws ArtefactDamagedError. */
  async load<T>(
    file: string,
    maxSize: number,
    signal: AbortSignal,
    check: (bytes: Uint8Array<ArrayBuffer>, url: string) => Promise<T>,
  ): Promise<T> {
    const url = this.url(file);
    return this.#retry(url, signal, async (attempt) => check(await this.#download(attempt, file, maxSize), url));
  }

  async #retry<T>(url: string, signal: AbortSignal, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
    let fresh = false;
    for (let tries = 0; ; tries++) {
      if (signal.aborted) throw new AbortedError(`loading ${url}`, signal.reason);
      try {
        return await attempt({ url, signal, fresh });
      } catch (cause) {
        if (signal.aborted) throw new AbortedError(`loading ${url}`, signal.reason);
        const error = cause instanceof WarmbootError ? cause : new ArtefactMissingError(url, null, cause);
        const passing = !(error instanceof ArtefactMissingError) || error.status === null || isPassing(error.status);
        const delay = this.#delays[tries];
        if (!passing || delay === undefined) throw error;
        // WHY only one more try when damaged: a second damaged copy straight from the origin will not get better.
        if (error instanceof ArtefactDamagedError) {
          if (fresh) throw error;
          fresh = true;
        }
        await pause(delay, signal);
      }
    }
  }

  async #download(
    attempt: Attempt,
    file: string,
    maxSize: number,
    onPiece: OnPiece = () => {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const stall = new AbortController();
    const signal = AbortSignal.any([attempt.signal, stall.signal]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const touch = () => {
      clearTimeout(timer);
      timer = setTimeout(() => stall.abort(new Error(`no data for ${this.#stallTimeoutMs} ms`)), this.#stallTimeoutMs);
    };
    touch();
    try {
      const response = await this.#options.transport.get(attempt.url, { signal, fresh: attempt.fresh });
      return await this.#collect(response, attempt.url, maxSize, (piece) => {
        touch();
        this.#options.onBytes?.(file, piece.byteLength);
        onPiece(piece);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async #collect(
    { status, body }: TransportResponse,
    url: string,
    maxSize: number,
    onPiece: OnPiece,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (status !== 200 || !body) {
      await body?.cancel();
      throw new ArtefactMissingError(url, status);
    }
    const pieces: Uint8Array[] = [];
    let size = 0;
    const reader = (body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      size += value.byteLength;
      if (size > maxSize) {
        await reader.cancel();
        throw new ArtefactDamagedError(url, `at most ${maxSize} bytes`, "more");
      }
      onPiece(value);
      pieces.push(value);
    }
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    return bytes;
  }
}

type OnPiece = (piece: Uint8Array<ArrayBuffer>) => void;

interface Attempt {
  readonly url: string;
  readonly signal: AbortSignal;
  readonly fresh: boolean;
}
