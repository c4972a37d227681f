import { AbortedError, GuestConnectionError, GuestHttpError, InvalidOptionError } from "../../errors/index.ts";
import { checkInteger, MAX_TIMEOUT } from "../options.ts";
import { within } from "../within.ts";
import { GuestResponse } from "./guest-response.ts";
import type { GuestSocket } from "./guest-socket.ts";
import { bodyLength, bodyPieces } from "./http-body.ts";
import { type HttpHead, HttpReader } from "./http-reader.ts";
import { type HttpRequest, httpRequest, requestHead } from "./http-request.ts";
import { type ConnectOptions, checkPort, DEFAULT_CONNECT_MS, type FetchInit } from "./options.ts";

/** A connection that speaks another protocol now. */
export interface UpgradedConnection {
  /** What the server has said. */
  readonly headers: Headers;
  /** What the server sends from then on. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What goes to the server; closing it ends our direction only. */
  readonly writable: WritableStream<Uint8Array>;
  /** Ends it at once. */
  close(): void;
}

interface Line {
  readonly socket: GuestSocket;
  readonly reader: HttpReader;
  readonly writer: WritableStreamDefaultWriter<Uint8Array>;
  isSending: boolean;
  /** The request's signal means nothing to it any more. */
  free(): void;
}

/** Connections to one port that wait for the next request, and for how long. */
const MAX_IDLE = 4;
const IDLE_MS = 5000;

/** An HTTP/1.1 client for servers in the guest. */
export class HttpClient {
  readonly #connect: (port: number, options: ConnectOptions) => Promise<GuestSocket>;
  readonly #idle = new Map<number, { readonly line: Line; readonly timer: ReturnType<typeof setTimeout> }[]>();

  constructor(connect: (port: number, options: ConnectOptions) => Promise<GuestSocket>) {
    this.#connect = connect;
  }

  async fetch(port: number, input: Request | URL | string, init: FetchInit): Promise<GuestResponse> {
    const request = check(port, input, init);
    const { line, head } = await this.#exchange(port, request, init, null);
    if (head.status < 200 || head.status > 599) {
      line.socket.close();
      throw new GuestHttpError(port, `status ${head.status}`);
    }
    const length = bodyLength(request.method, head, line.reader);
    const keep =
      head.version === "1.1" && !/\bclose\b/i.test(head.headers.get("connection") ?? "") && length.kind !== "close";
    if (length.kind === "none") {
      this.#finish(port, line, keep);
      return new GuestResponse(null, head);
    }
    const pieces = bodyPieces(length, line.reader);
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        pull: async (controller) => {
          const { value, done } = await pieces.next().catch((error) => {
            line.socket.close();
            throw request.signal?.aborted ? new AbortedError("the request", request.signal.reason) : error;
          });
          if (!done) {
            controller.enqueue(value);
            return;
          }
          this.#finish(port, line, keep);
          controller.close();
        },
        cancel: () => line.socket.close(),
      },
      { highWaterMark: 0 },
    );
    return new GuestResponse(body, head);
  }

  async upgrade(port: number, input: Request | URL | string, init: FetchInit): Promise<UpgradedConnection> {
    const request = check(port, input, init);
    const protocol = new Headers(init.headers).get("upgrade") ?? "websocket";
    const { line, head } = await this.#exchange(port, request, init, protocol);
    const { socket, reader, writer } = line;
    if (head.status !== 101) {
      socket.close();
      throw new GuestHttpError(port, `status ${head.status} and not 101: it does not change to ${protocol}`);
    }
    const early = reader.unread;
    reader.release();
    writer.releaseLock();
    const readable = early.byteLength === 0 ? socket.readable : withFirst(early, socket.readable);
    return { headers: head.headers, readable, writable: socket.writable, close: () => socket.close() };
  }

  /** Forgets connections that wait. */
  clear(): void {
    for (const lines of this.#idle.values()) for (const { timer } of lines) clearTimeout(timer);
    this.#idle.clear();
  }

  /** Sends a request and reads the head of its answer. */
  async #exchange(
    port: number,
    request: HttpRequest,
    init: FetchInit,
    upgrade: string | null,
  ): Promise<{ readonly line: Line; readonly head: HttpHead }> {
    const { timeoutMs = DEFAULT_CONNECT_MS } = init;
    checkInteger(timeoutMs, "timeoutMs", 1, MAX_TIMEOUT);
    const { signal } = request;
    if (signal?.aborted) throw new AbortedError("the request", signal.reason);
    // WHY not for a stream: what waited may have been ended by the server, and a stream cannot be sent again.
    const idle = upgrade === null && !(request.body instanceof ReadableStream) ? this.#takeIdle(port) : null;
    const line = idle ?? (await this.#open(port, timeoutMs, signal));
    const abort = () => line.socket.close();
    signal?.addEventListener("abort", abort, { once: true });
    line.free = () => signal?.removeEventListener("abort", abort);
    line.socket.closed.catch(() => {}).finally(line.free);
    try {
      const head = await within(this.#send(port, line, request, upgrade), {
        what: "the request",
        timeoutMs,
        onTimeout: () => new GuestConnectionError(port, "timed-out"),
        signal: signal ?? undefined,
      });
      if (head) return { line, head };
    } catch (error) {
      line.socket.close();
      if (!idle || !(error instanceof GuestConnectionError) || error.reason === "timed-out") throw error;
    }
    line.socket.close();
    // A connection that waited may have been ended by the server meanwhile: the request has not been looked at then.
    if (idle) return this.#exchange(port, request, init, upgrade);
    throw new GuestHttpError(port, "it ended without an answer");
  }

  async #open(port: number, timeoutMs: number, signal: AbortSignal | null): Promise<Line> {
    // WHY not the request's own: the connection lives on when the request is done.
    const opening = new AbortController();
    const abort = () => opening.abort(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      const socket = await this.#connect(port, { timeoutMs, signal: opening.signal });
      return {
        socket,
        reader: new HttpReader(socket.readable, port),
        writer: socket.writable.getWriter(),
        isSending: false,
        free: () => {},
      };
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async #send(port: number, line: Line, request: HttpRequest, upgrade: string | null): Promise<HttpHead | null> {
    line.isSending = true;
    const { reader } = line;
    const answered = async () => {
      for (;;) {
        const head = await reader.head();
        if (head === null || head.status === 101 || head.status >= 200) return head;
      }
    };
    // WHY not awaited: a server may answer before it has read all.
    const failed = new Promise<never>((_resolve, reject) => {
      sendRequest(line.writer, request, port, upgrade).then(
        () => {
          line.isSending = false;
        },
        (error) => {
          // What the server says when it reads no more is its answer.
          if (error instanceof GuestConnectionError) return;
          reject(error);
          line.socket.close();
        },
      );
    });
    failed.catch(() => {});
    return Promise.race([answered(), failed]);
  }

  #takeIdle(port: number): Line | null {
    const waiting = this.#idle.get(port)?.pop();
    if (!waiting) return null;
    clearTimeout(waiting.timer);
    return waiting.line;
  }

  #finish(port: number, line: Line, keep: boolean): void {
    line.free();
    const lines = this.#idle.get(port) ?? [];
    if (!keep || line.isSending || line.reader.unread.byteLength > 0 || lines.length >= MAX_IDLE) {
      line.socket.close();
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.set(
        port,
        (this.#idle.get(port) ?? []).filter((each) => each.line !== line),
      );
      line.socket.close();
    }, IDLE_MS);
    this.#idle.set(port, [...lines, { line, timer }]);
  }
}

function check(port: number, input: Request | URL | string, init: FetchInit): HttpRequest {
  checkPort(port);
  if (typeof input !== "string" && !(input instanceof URL) && !(input instanceof Request))
    throw new InvalidOptionError("request", "must be a Request, an address or a path");
  return httpRequest(port, input, init);
}

async function sendRequest(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  request: HttpRequest,
  port: number,
  upgrade: string | null,
): Promise<void> {
  await writer.write(requestHead(request, port, upgrade));
  const { body } = request;
  if (body instanceof Uint8Array) await writer.write(body);
  else if (body) await sendChunks(writer, body);
}

async function sendChunks(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const reader = body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (!(piece.value instanceof Uint8Array))
        throw new InvalidOptionError("body", "the stream must give Uint8Arrays");
      if (piece.value.byteLength === 0) continue;
      await writer.write(ascii(`${piece.value.byteLength.toString(16)}\r\n`));
      await writer.write(piece.value);
      await writer.write(ascii("\r\n"));
    }
  } catch (error) {
    reader.cancel(error).catch(() => {});
    throw error;
  }
  await writer.write(ascii("0\r\n\r\n"));
}

function withFirst(
  first: Uint8Array<ArrayBuffer>,
  rest: ReadableStream<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(first),
  });
  rest.pipeTo(writable).catch(() => {});
  return readable;
}
