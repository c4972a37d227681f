import { inject } from "vitest";
import { type BootOptions, KernelSession } from "warmboot";

/** Address of the default image, with a fault such as `status-404-bzImage`; see image-server.ts. */
export function imageUrl(fault = "plain"): string {
  return `${inject("imageServer")}/${fault}/default/image.json`;
}

/** Boots the default image. */
export function boot(options: Partial<BootOptions> = {}): Promise<KernelSession> {
  return KernelSession.boot({ image: imageUrl(), ...options });
}

/** What a promise rejects with; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not reject");
}

export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `size` random bytes. */
export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  // One call gives at most 64 KiB.
  for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  return bytes;
}

/** Reads a stream to its end. WHY not through Response: browsers hide the stream's own error there. */
export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of stream as ReadableStream<Uint8Array<ArrayBuffer>>) pieces.push(piece);
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

/** A terminal's output as text that can be waited on. */
export class Screen {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Reads on until the text since the last call matches; the match is taken out of the text. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match) {
        this.text = this.text.slice(match.index + match[0].length);
        return match;
      }
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`the terminal ended before ${pattern}: ${JSON.stringify(this.text.slice(-500))}`);
      this.text += this.#decoder.decode(value, { stream: true });
    }
  }
}
