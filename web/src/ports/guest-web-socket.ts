import type { KernelSession } from "warmboot";
import { guestOrigin } from "../../ports/shared/address.ts";
import type { FromSocket, ToSocket } from "../../ports/shared/protocol.ts";
import { clientFrame, FrameError, FrameReader, OPCODE } from "./web-socket-frames.ts";

type Network = KernelSession["network"];

const MOST_MESSAGE = 64 * 1024 * 1024;
/** Bytes of messages that the document has not taken yet; then the guest is held up. */
const MOST_UNTAKEN = 4 * 1024 * 1024;
/** The same of what the document sends and the guest does not take: the socket ends. */
const MOST_UNSENT = 64 * 1024 * 1024;
const OPEN_MS = 60_000;
const CLOSE_MS = 10_000;
/** RFC 6455, 1.3. */
const ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** One WebSocket of a document, carried to the guest's server. */
export class GuestWebSocket {
  readonly #network: Network;
  readonly #guestPort: number;
  readonly #port: MessagePort;
  readonly #ending = new AbortController();
  #writer: WritableStreamDefaultWriter<Uint8Array> | null = null;
  #writing: Promise<void> = Promise.resolve();
  #unsent = 0;
  #untaken = 0;
  #taken: (() => void) | null = null;
  #closeSent = false;

  constructor(network: Network, guestPort: number, port: MessagePort) {
    this.#network = network;
    this.#guestPort = guestPort;
    this.#port = port;
  }

  /** Tells a document that it gets none. */
  static refuse(port: MessagePort): void {
    const closed: FromSocket = { type: "closed", code: 1006, reason: "", wasClean: false };
    port.postMessage(closed);
    port.close();
  }

  /** Ends it at once. */
  end(): void {
    this.#ending.abort();
  }

  /** Resolves when it is over. */
  async run(path: string, protocols: readonly string[], cookie: string): Promise<void> {
    this.#port.onmessage = ({ data }: MessageEvent<ToSocket>) => this.#fromDocument(data);
    let closed = { code: 1006, reason: "", wasClean: false };
    try {
      const connection = await this.#open(path, protocols, cookie);
      this.#writer = connection.writable.getWriter();
      this.#say({ type: "open", protocol: connection.headers.get("sec-websocket-protocol") ?? "" });
      this.#ending.signal.addEventListener("abort", () => connection.close());
      try {
        closed = (await this.#read(connection.readable)) ?? closed;
      } finally {
        await Promise.race([this.#writing, new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
        connection.close();
      }
    } catch (error) {
      if (error instanceof FrameError) closed = { code: error.code, reason: error.message, wasClean: false };
    }
    this.#ending.abort();
    this.#say({ type: "closed", ...closed });
    this.#port.close();
  }

  async #open(path: string, protocols: readonly string[], cookie: string) {
    const key = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))));
    const headers = new Headers({
      "sec-websocket-key": key,
      "sec-websocket-version": "13",
      origin: guestOrigin(this.#guestPort),
      "user-agent": navigator.userAgent,
    });
    if (protocols.length > 0) headers.set("sec-websocket-protocol", protocols.join(", "));
    if (cookie !== "") headers.set("cookie", cookie);
    const { signal } = this.#ending;
    const connection = await this.#network.upgrade(this.#guestPort, path, { headers, signal, timeoutMs: OPEN_MS });
    const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + ACCEPT));
    const expected = btoa(String.fromCharCode(...new Uint8Array(digest)));
    const protocol = connection.headers.get("sec-websocket-protocol");
    if (
      connection.headers.get("sec-websocket-accept") === expected &&
      (protocol === null || protocols.includes(protocol))
    )
      return connection;
    connection.close();
    throw new FrameError(1006, "");
  }

  /** Resolves to how it was closed; `null`: it broke off. */
  async #read(readable: ReadableStream<Uint8Array<ArrayBuffer>>) {
    const frames = new FrameReader(MOST_MESSAGE);
    for await (const bytes of readable)
      for (const { opcode, data } of frames.push(bytes)) {
        if (opcode === OPCODE.TEXT) await this.#give(utf8(data), data.length);
        if (opcode === OPCODE.BINARY) await this.#give(data.buffer, data.length);
        if (opcode === OPCODE.PING) this.#write(clientFrame(OPCODE.PONG, data));
        if (opcode !== OPCODE.CLOSE) continue;
        if (!this.#closeSent) this.#write(clientFrame(OPCODE.CLOSE, data.subarray(0, 2)));
        const code = data.length >= 2 ? new DataView(data.buffer).getUint16(0) : 1005;
        return { code, reason: utf8(data.subarray(2)), wasClean: true };
      }
    return null;
  }

  async #give(data: string | ArrayBuffer, size: number): Promise<void> {
    this.#untaken += typeof data === "string" ? data.length : size;
    this.#say({ type: "message", data });
    while (this.#untaken > MOST_UNTAKEN && !this.#ending.signal.aborted)
      await new Promise<void>((resolve) => {
        this.#taken = resolve;
        this.#ending.signal.addEventListener("abort", () => resolve(), { once: true });
      });
  }

  #fromDocument(message: ToSocket): void {
    if (message?.type === "took" && Number.isFinite(message.bytes)) {
      this.#untaken -= message.bytes;
      this.#taken?.();
    } else if (message?.type === "send") {
      const isText = typeof message.data === "string";
      const data = isText
        ? new TextEncoder().encode(message.data as string)
        : new Uint8Array(message.data as ArrayBuffer);
      this.#write(clientFrame(isText ? OPCODE.TEXT : OPCODE.BINARY, data), data.length);
    } else if (message?.type === "close") this.#close(message.code, message.reason);
  }

  #close(code: number | null, reason: string): void {
    if (this.#closeSent) return;
    this.#closeSent = true;
    // It was not open yet.
    if (!this.#writer) this.end();
    const text = new TextEncoder().encode(String(reason)).subarray(0, 123);
    const data = new Uint8Array(code === null ? 0 : 2 + text.length);
    if (code !== null) {
      new DataView(data.buffer).setUint16(0, code);
      data.set(text, 2);
    }
    this.#write(clientFrame(OPCODE.CLOSE, data));
    setTimeout(() => this.end(), CLOSE_MS);
  }

  /** `size`: of the document's data in it. */
  #write(frame: Uint8Array, size = 0): void {
    const writer = this.#writer;
    if (!writer || (this.#closeSent && size > 0)) return;
    this.#unsent += frame.length;
    if (this.#unsent > MOST_UNSENT) this.end();
    this.#writing = this.#writing
      .then(() => writer.write(frame))
      .then(() => {
        this.#unsent -= frame.length;
        if (size > 0) this.#say({ type: "sent", bytes: size });
      })
      .catch(() => this.end());
  }

  #say(message: FromSocket): void {
    this.#port.postMessage(message);
  }
}

/** @throws FrameError for what is no text */
function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FrameError(1007, "text that is not UTF-8");
  }
}
