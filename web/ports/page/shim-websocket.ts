import { guestPortOf } from "../shared/address.ts";
import type { FromSocket, ToSocket } from "../shared/protocol.ts";

type Data = string | ArrayBufferLike | Blob | ArrayBufferView;
type Handler = ((event: Event) => void) | null;

/** A WebSocket class whose sockets to the guest's port go through the worker; others are the browser's own. */
export function socketClass(
  Native: typeof WebSocket,
  port: number,
  open: (path: string, protocols: readonly string[], other: MessagePort) => void,
): typeof WebSocket {
  class GuestWebSocket extends EventTarget {
    readonly CONNECTING = 0;
    readonly OPEN = 1;
    readonly CLOSING = 2;
    readonly CLOSED = 3;
    readonly url: string;
    readonly extensions = "";
    protocol = "";
    readyState = 0;
    bufferedAmount = 0;
    binaryType: BinaryType = "blob";
    readonly #handlers: Record<string, Handler> = {};
    readonly #port: MessagePort;
    /** Blobs have to be read before they can be sent, in their turn. */
    #sending: Promise<void> = Promise.resolve();

    constructor(url: URL, protocols: readonly string[], guestPort: number) {
      super();
      this.url = url.href;
      const { port1, port2 } = new MessageChannel();
      this.#port = port1;
      port1.onmessage = ({ data }: MessageEvent<FromSocket>) => this.#receive(data);
      for (const type of ["open", "message", "error", "close"])
        this.addEventListener(type, (event) => this.#handlers[type]?.call(this, event));
      if (guestPort === port) open(url.pathname + url.search, protocols, port2);
      else setTimeout(() => this.#receive({ type: "closed", code: 1006, reason: "", wasClean: false }));
    }

    send(data: Data): void {
      if (this.readyState === 0) throw new DOMException("Still in CONNECTING state.", "InvalidStateError");
      const size =
        typeof data === "string" ? new Blob([data]).size : data instanceof Blob ? data.size : data.byteLength;
      this.bufferedAmount += size;
      if (this.readyState !== 1) return;
      this.#sending = this.#sending.then(async () => this.#post({ type: "send", data: await plain(data) }));
    }

    close(code?: number, reason = ""): void {
      if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999))
        throw new DOMException(`The code ${code} is neither 1000 nor 3000 to 4999.`, "InvalidAccessError");
      if (new Blob([reason]).size > 123) throw new DOMException("The reason is too long.", "SyntaxError");
      if (this.readyState >= 2) return;
      this.readyState = 2;
      this.#sending = this.#sending.then(() => this.#post({ type: "close", code: code ?? null, reason }));
    }

    #post(message: ToSocket): void {
      this.#port.postMessage(message);
    }

    #receive(message: FromSocket): void {
      if (message.type === "open") {
        this.protocol = message.protocol;
        if (this.readyState === 0) this.readyState = 1;
        this.dispatchEvent(new Event("open"));
      } else if (message.type === "message") {
        const { data } = message;
        this.#post({ type: "took", bytes: typeof data === "string" ? data.length : data.byteLength });
        const given = typeof data === "string" || this.binaryType === "arraybuffer" ? data : new Blob([data]);
        if (this.readyState === 1)
          this.dispatchEvent(new MessageEvent("message", { data: given, origin: new URL(this.url).origin }));
      } else if (message.type === "sent") this.bufferedAmount = Math.max(0, this.bufferedAmount - message.bytes);
      else {
        this.readyState = 3;
        this.#port.close();
        const { code, reason, wasClean } = message;
        if (!wasClean) this.dispatchEvent(new Event("error"));
        this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
      }
    }

    static {
      for (const type of ["open", "message", "error", "close"])
        Object.defineProperty(GuestWebSocket.prototype, `on${type}`, {
          get(this: GuestWebSocket) {
            return this.#handlers[type] ?? null;
          },
          set(this: GuestWebSocket, handler: Handler) {
            this.#handlers[type] = typeof handler === "function" ? handler : null;
          },
        });
    }
  }

  function Socket(address: string | URL, protocols: string | string[] = []): EventTarget {
    const url = new URL(String(address), location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const guestPort = url.host === location.host ? port : guestPortOf(url);
    // WHY not the browser's for other ports of the guest: it would look for them on the person's own computer.
    return guestPort === null ? new Native(address, protocols) : new GuestWebSocket(url, [protocols].flat(), guestPort);
  }
  Socket.prototype = GuestWebSocket.prototype;
  for (const [name, value] of Object.entries({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }))
    Object.defineProperty(Socket, name, { value, enumerable: true });
  return Socket as unknown as typeof WebSocket;
}

/** WHY a copy: what the page does with its buffer afterwards is not sent. */
async function plain(data: Data): Promise<string | ArrayBuffer> {
  if (typeof data === "string") return data;
  if (data instanceof Blob) return data.arrayBuffer();
  const view = ArrayBuffer.isView(data) ? data : new Uint8Array(data);
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice().buffer;
}
