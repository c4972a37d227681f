import { createSocket, type Socket } from "node:dgram";
import { isIPv6 } from "node:net";
import { CLOSE_REASON, encodeClose, encodeContinue } from "warmboot/wisp";
import { CLOSE_REASONS, StreamError, type StreamErrorCode } from "../errors.ts";
import { DownFlow } from "./down-flow.ts";
import type { Stream, StreamHost } from "./stream.ts";

/** Datagrams that wait to be sent; more are lost, as datagrams are. */
const MAX_WAITING = 64;

/** Finds the checked address to send to. @throws StreamError */
export type FindPeer = (signal: AbortSignal) => Promise<{ address: string; port: number }>;

/** Datagrams to and from one peer. */
export class UdpStream implements Stream {
  readonly #host: StreamHost;
  readonly #abort = new AbortController();
  readonly #down: DownFlow;
  readonly #early: Uint8Array[] = [];
  #idle: NodeJS.Timeout | null = null;
  #deadline: NodeJS.Timeout | null = null;
  #socket: Socket | null = null;
  #connected = false;
  #waiting = 0;
  #isClosed = false;

  constructor(host: StreamHost, findPeer: FindPeer) {
    this.#host = host;
    // Datagrams have no credit: what does not fit is lost.
    this.#down = new DownFlow(host.id, host.outbound, null, {
      onSent: (bytes) => {
        host.counted.down += bytes;
        this.#idle?.refresh();
      },
      onEmpty: () => {},
      onEnd: () => {},
    });
    void this.#open(findPeer);
  }

  receive(bytes: Uint8Array): void {
    if (this.#isClosed || this.#waiting >= MAX_WAITING) return;
    this.#waiting++;
    const kept = this.#host.inbound.hold(bytes);
    if (this.#socket && this.#connected) this.#send(this.#socket, kept);
    else this.#early.push(kept);
  }

  grant(): void {}

  closeByClient(): void {
    this.#close("client-closed", CLOSE_REASON.VOLUNTARY);
  }

  abort(code: StreamErrorCode): void {
    this.#close(code, CLOSE_REASONS[code]);
  }

  async #open(findPeer: FindPeer): Promise<void> {
    try {
      const { address, port } = await findPeer(this.#abort.signal);
      if (!this.#isClosed) this.#connect(address, port);
    } catch (error) {
      if (this.#isClosed) return;
      this.abort(this.#host.failure(error).code);
    }
  }

  #connect(address: string, port: number): void {
    const { idleMs, lifetimeMs } = this.#host.timeouts;
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    this.#socket = socket;
    this.#idle = setTimeout(() => this.abort("stream-idle"), idleMs);
    this.#deadline = setTimeout(() => this.abort("stream-lifetime"), lifetimeMs);
    socket.on("error", () => this.abort("connect-failed"));
    socket.on("message", (bytes) => {
      if (!this.#isClosed && this.#down.waitingBytes === 0) this.#down.push(bytes);
    });
    socket.connect(port, address, () => {
      if (this.#isClosed) return;
      this.#connected = true;
      if (this.#host.features.streamOpen)
        this.#host.outbound.control(encodeContinue(this.#host.id, this.#host.windowPackets));
      for (const bytes of this.#early.splice(0)) this.#send(socket, bytes);
    });
  }

  #send(socket: Socket, bytes: Uint8Array): void {
    socket.send(bytes, (error) => {
      this.#waiting--;
      this.#host.inbound.release(bytes.byteLength);
      if (this.#isClosed) return;
      if (error) return this.abort("connect-refused");
      this.#host.counted.up += bytes.byteLength;
      this.#idle?.refresh();
    });
  }

  #close(code: StreamErrorCode, reason: number): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#abort.abort(new StreamError(code, "the stream was closed"));
    if (this.#idle) clearTimeout(this.#idle);
    if (this.#deadline) clearTimeout(this.#deadline);
    for (const bytes of this.#early.splice(0)) this.#host.inbound.release(bytes.byteLength);
    this.#down.drop();
    this.#socket?.close();
    this.#host.outbound.control(encodeClose(this.#host.id, reason));
    this.#host.forget();
    this.#host.release(code);
  }
}
