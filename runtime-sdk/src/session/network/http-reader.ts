import { GuestHttpError } from "../../errors/index.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const LONGEST_LINE = 64 * 1024;
const MAX_HEADERS = 200;

/** The head of an answer (RFC 9112, 4). */
export interface HttpHead {
  readonly version: "1.0" | "1.1";
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
}

/** Reads HTTP from a stream. */
export class HttpReader {
  readonly #port: number;
  readonly #reader: ReadableStreamDefaultReader<Bytes>;
  #rest: Bytes = new Uint8Array(0);

  constructor(stream: ReadableStream<Bytes>, port: number) {
    this.#port = port;
    this.#reader = stream.getReader();
  }

  /** Bytes that were read and not taken. */
  get unread(): Bytes {
    return this.#rest;
  }

  /** Gives the stream back. */
  release(): void {
    this.#reader.releaseLock();
  }

  /** The next bytes, at most `limit`; `null` at the end. */
  async take(limit: number): Promise<Bytes | null> {
    while (this.#rest.byteLength === 0) if (!(await this.#fill())) return null;
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.byteLength);
    return piece;
  }

  /** The next line, without its end; `null` at the end. */
  async line(): Promise<string | null> {
    let searched = 0;
    for (;;) {
      const end = this.#rest.indexOf(10, searched);
      if (end !== -1) {
        const line = this.#rest.subarray(0, end > 0 && this.#rest[end - 1] === 13 ? end - 1 : end);
        this.#rest = this.#rest.subarray(end + 1);
        return latin1(line);
      }
      searched = this.#rest.byteLength;
      if (searched > LONGEST_LINE) throw this.problem("a line without an end");
      if (!(await this.#fill())) {
        if (searched > 0) throw this.problem("it ends in the middle of a line");
        return null;
      }
    }
  }

  /** The head of an answer; `null` when the stream ends before. */
  async head(): Promise<HttpHead | null> {
    const first = await this.line();
    if (first === null) return null;
    const match = /^HTTP\/(1\.[01]) (\d{3})(?: (.*))?$/.exec(first);
    if (!match) throw this.problem(`it begins with ${JSON.stringify(first.slice(0, 60))}`);
    const headers = await this.headers();
    const [, version, status, text = ""] = match;
    const statusText = /^[\t\x20-\x7e\x80-\xff]*$/.test(text) ? text : "";
    return { version: version as "1.0" | "1.1", status: Number(status), statusText, headers };
  }

  /** Header lines up to the empty one. */
  async headers(): Promise<Headers> {
    const headers = new Headers();
    for (let count = 0; ; count++) {
      const line = await this.line();
      if (line === null) throw this.problem("it ends within its headers");
      if (line === "") return headers;
      if (count >= MAX_HEADERS) throw this.problem("too many headers");
      const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*(.*?)[\t ]*$/.exec(line);
      if (!match) throw this.problem(`a header ${JSON.stringify(line.slice(0, 60))}`);
      try {
        headers.append(match[1] as string, match[2] as string);
      } catch {
        throw this.problem(`a header ${JSON.stringify(line.slice(0, 60))}`);
      }
    }
  }

  problem(detail: string): GuestHttpError {
    return new GuestHttpError(this.#port, detail);
  }

  async #fill(): Promise<boolean> {
    const { value } = await this.#reader.read();
    if (!value) return false;
    if (this.#rest.byteLength === 0) this.#rest = value;
    else {
      const both = new Uint8Array(this.#rest.byteLength + value.byteLength);
      both.set(this.#rest);
      both.set(value, this.#rest.byteLength);
      this.#rest = both;
    }
    return true;
  }
}

function latin1(bytes: Bytes): string {
  let text = "";
  for (let at = 0; at < bytes.byteLength; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}
