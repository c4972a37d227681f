import type { Socket } from "node:net";
import { CLOSE_REASON, encodeClose, encodeContinue, encodeData } from "warmboot/wisp";
import { CLOSE_REASONS, StreamError, type StreamErrorCode } from "../errors.ts";
import type { Receive } from "../upstream/dial.ts";
import { DownFlow } from "./down-flow.ts";
import type { Outcome, Stream, StreamHost } from "./stream.ts";
import { UpFlow } from "./up-flow.ts";

/**
 * `opening`: looked up and connected to. `open`: both ways. `lingering`: the client has closed and is still sent what arrives. `flushing`: the
 * client knows that it is over, and what it sent is still on its way. `closed`: only the release is left.
 */
type State = "opening" | "open" | "lingering" | "flushing" | "closed";

/** Connects to the destination. @returns the socket, paused. @throws StreamError */
export type OpenSocket = (receive: Receive, signal: AbortSignal) => Promise<Socket>;

const NOTHING = new Uint8Array(0);

/** A TCP connection on behalf of the client. */
export class TcpStream implements Stream {
  readonly #host: StreamHost;
  readonly #abort = new AbortController();
  readonly #down: DownFlow;
  readonly #up: UpFlow;
  #state: State = "opening";
  #socket: Socket | null = null;
  #outcome: Outcome = "finished";
  #clientClosed = false;
  #lingered = 0;
  #finSent = false;
  #released = false;
  #idle: NodeJS.Timeout | null = null;
  #lifetime: NodeJS.Timeout | null = null;
  #lingering: NodeJS.Timeout | null = null;

  constructor(host: StreamHost, open: OpenSocket) {
    this.#host = host;
    const { id, features, outbound, inbound, windowPackets } = host;
    this.#down = new DownFlow(id, outbound, features.initialCredit, {
      onSent: (bytes) => this.#sent(bytes),
      onEmpty: () => this.#socket?.resume(),
      onEnd: () => this.#endSent(),
    });
    this.#up = new UpFlow({
      stream: id,
      inbound,
      outbound,
      windowPackets,
      onFlushed: (bytes) => {
        host.counted.up += bytes;
        this.#idle?.refresh();
      },
    });
    void this.#open(open);
  }

  receive(bytes: Uint8Array): void {
    if (this.#state !== "opening" && this.#state !== "open") return;
    if (bytes.byteLength > 0) this.#up.write(bytes);
    else if (this.#host.features.halfClose) this.#endByClient();
  }

  grant(bytes: number): void {
    this.#idle?.refresh();
    this.#down.grant(bytes);
  }

  closeByClient(reason: number): void {
    const lingers = reason === CLOSE_REASON.VOLUNTARY && !this.#host.features.halfClose;
    if (!lingers) {
      this.#close("client-closed", CLOSE_REASON.VOLUNTARY, reason !== CLOSE_REASON.VOLUNTARY);
      return;
    }
    if (this.#clientClosed) return;
    this.#clientClosed = true;
    // Without half-close it may only mean that the client has said all: what it said and what is answered still count.
    if (this.#state === "open") this.#linger();
    else if (this.#state === "opening" && this.#up.isEmpty) this.#close("client-closed", CLOSE_REASON.VOLUNTARY);
    else this.#up.end();
  }

  abort(code: StreamErrorCode): void {
    this.#close(code, CLOSE_REASONS[code], true);
  }

  async #open(open: OpenSocket): Promise<void> {
    try {
      const socket = await open((bytes) => this.#arrived(bytes), this.#abort.signal);
      if (this.#state !== "opening") socket.destroy();
      else this.#attach(socket);
    } catch (error) {
      if (this.#state !== "opening") return;
      const { code } = this.#host.failure(error);
      this.#close(code, CLOSE_REASONS[code]);
    }
  }

  #attach(socket: Socket): void {
    const { idleMs, lifetimeMs } = this.#host.timeouts;
    this.#socket = socket;
    this.#state = "open";
    socket.on("end", () => this.#upstreamEnded());
    socket.on("error", () => this.#upstreamFailed());
    socket.on("close", () => this.#upstreamClosed());
    this.#idle = setTimeout(() => this.abort("stream-idle"), idleMs);
    this.#lifetime = setTimeout(() => this.abort("stream-lifetime"), lifetimeMs);
    if (this.#host.features.streamOpen && !this.#clientClosed)
      this.#host.outbound.control(encodeContinue(this.#host.id, this.#host.windowPackets));
    this.#up.attach(socket);
    if (this.#clientClosed) this.#linger();
    socket.resume();
  }

  #arrived(bytes: Uint8Array): boolean {
    if (this.#state === "lingering") {
      this.#lingered += bytes.byteLength;
      if (this.#lingered > this.#host.timeouts.lingerBytes) {
        this.#close("client-closed", CLOSE_REASON.VOLUNTARY, true);
        return false;
      }
    } else if (this.#state !== "open") {
      return true;
    }
    return this.#down.push(bytes);
  }

  #sent(bytes: number): void {
    this.#host.counted.down += bytes;
    this.#idle?.refresh();
  }

  #endByClient(): void {
    this.#up.end();
    if (this.#finSent) this.#flush();
  }

  #linger(): void {
    this.#state = "lingering";
    this.#up.end();
    this.#lingering = setTimeout(() => this.#endLinger(), this.#host.timeouts.lingerMs);
  }

  /** No answer is waited for any more; what the client sent still goes its way, as long as the destination takes it. */
  #endLinger(): void {
    if (this.#state !== "lingering") return;
    if (this.#up.isEmpty) {
      // WHY no reset: what the kernels have of the client's bytes, and the server has not read yet, would be lost.
      this.#close("client-closed", CLOSE_REASON.VOLUNTARY);
      return;
    }
    this.#outcome = "client-closed";
    this.#down.drop();
    this.#host.outbound.control(encodeClose(this.#host.id, CLOSE_REASON.VOLUNTARY));
    this.#flush();
  }

  #upstreamEnded(): void {
    const { id, features } = this.#host;
    if (features.halfClose && this.#state === "open") this.#down.end(encodeData(id, NOTHING));
    else if (this.#state === "open" || this.#state === "lingering")
      this.#down.end(encodeClose(id, CLOSE_REASON.VOLUNTARY));
  }

  #upstreamFailed(): void {
    if (this.#state !== "open" && this.#state !== "lingering") return;
    this.#outcome = "upstream-reset";
    if (this.#finSent) this.#close("upstream-reset", CLOSE_REASON.NETWORK_ERROR);
    else this.#down.end(encodeClose(this.#host.id, CLOSE_REASON.NETWORK_ERROR));
  }

  #endSent(): void {
    if (this.#state !== "open" && this.#state !== "lingering") return;
    const half = this.#host.features.halfClose && this.#outcome === "finished";
    this.#finSent = true;
    if (half && !this.#up.isEnded) return;
    this.#flush();
  }

  /** The client has had the end. What it sent may still be on its way. */
  #flush(): void {
    this.#state = "flushing";
    this.#host.forget();
    this.#up.end();
    // It looks at the bytes that the kernel takes, where a write is done only when it is done.
    this.#socket?.setTimeout(this.#host.timeouts.lingerMs, () => this.#socket?.destroy());
    if (this.#socket?.closed !== false) this.#release();
  }

  #upstreamClosed(): void {
    this.#up.drop();
    if (this.#state === "flushing" || this.#state === "closed") this.#release();
  }

  /** Ends it now, whatever waits. */
  #close(code: StreamErrorCode, reason: number, reset = false): void {
    if (this.#state === "closed") return;
    const told = this.#state === "flushing";
    if (this.#outcome === "finished") this.#outcome = code;
    if (this.#state === "opening") this.#abort.abort(new StreamError(code, "the stream was closed"));
    this.#state = "closed";
    this.#down.drop();
    this.#up.drop();
    if (!told) {
      this.#host.outbound.control(encodeClose(this.#host.id, reason));
      this.#host.forget();
    }
    if (reset) this.#socket?.resetAndDestroy();
    else this.#socket?.destroy();
    if (this.#socket?.closed !== false) this.#release();
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#state = "closed";
    for (const timer of [this.#idle, this.#lifetime, this.#lingering]) if (timer) clearTimeout(timer);
    this.#host.release(this.#outcome);
  }
}
