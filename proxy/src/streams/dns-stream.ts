import { CLOSE_REASON, encodeClose, encodeContinue } from "warmboot/wisp";
import {
  encodeAnswer,
  encodeError,
  MAX_QUERY_BYTES,
  parseQuery,
  QueryError,
  type Question,
  RCODE,
} from "../dns/message.ts";
import { CLOSE_REASONS, StreamError, type StreamErrorCode } from "../errors.ts";
import { DownFlow } from "./down-flow.ts";
import type { Outcome, Stream, StreamHost } from "./stream.ts";

/** Questions of one stream that are looked up at the same time; more are refused. */
const MAX_PENDING = 64;
/** Answers that the client leaves unread. */
const MAX_WAITING_BYTES = 256 * 1024;

export interface DnsStreamOptions {
  /** Answers a question. @throws what the signal was aborted with */
  readonly answer: (question: Question, signal: AbortSignal) => Promise<Buffer>;
  /** Whether the client may ask once more now. */
  readonly mayAsk: () => Promise<boolean>;
}

/** The relay's resolver as a stream: DNS over TCP (RFC 7766). */
export class DnsStream implements Stream {
  readonly #host: StreamHost;
  readonly #options: DnsStreamOptions;
  readonly #down: DownFlow;
  readonly #abort = new AbortController();
  readonly #idle: NodeJS.Timeout;
  readonly #deadline: NodeJS.Timeout;
  #partial: Buffer = Buffer.alloc(0);
  #packets = 0;
  #pending = 0;
  #clientEnded = false;
  #isClosed = false;

  constructor(host: StreamHost, options: DnsStreamOptions) {
    this.#host = host;
    this.#options = options;
    this.#down = new DownFlow(host.id, host.outbound, host.features.initialCredit, {
      onSent: (bytes) => {
        host.counted.down += bytes;
      },
      onEmpty: () => {},
      onEnd: () => this.#finish("finished"),
    });
    this.#idle = setTimeout(() => this.abort("stream-idle"), host.timeouts.idleMs);
    this.#deadline = setTimeout(() => this.abort("stream-lifetime"), host.timeouts.lifetimeMs);
    if (host.features.streamOpen) host.outbound.control(encodeContinue(host.id, host.windowPackets));
  }

  receive(bytes: Uint8Array): void {
    if (this.#isClosed || this.#clientEnded) return;
    this.#idle.refresh();
    this.#host.counted.up += bytes.byteLength;
    if (bytes.byteLength === 0) {
      if (this.#host.features.halfClose) this.#endByClient();
      return;
    }
    this.#partial = Buffer.concat([this.#partial, bytes]);
    this.#readQueries();
    if (++this.#packets < this.#host.windowPackets / 2 || this.#isClosed) return;
    this.#packets = 0;
    this.#host.outbound.control(encodeContinue(this.#host.id, this.#host.windowPackets));
  }

  grant(bytes: number): void {
    this.#down.grant(bytes);
  }

  closeByClient(): void {
    this.#close("finished", CLOSE_REASON.VOLUNTARY);
  }

  abort(code: StreamErrorCode): void {
    this.#close(code, CLOSE_REASONS[code]);
  }

  #readQueries(): void {
    let at = 0;
    while (!this.#isClosed && this.#partial.byteLength - at >= 2) {
      const size = this.#partial.readUInt16BE(at);
      if (size > MAX_QUERY_BYTES) {
        this.abort("question-malformed");
        return;
      }
      if (this.#partial.byteLength - at - 2 < size) break;
      void this.#take(this.#partial.subarray(at + 2, at + 2 + size));
      at += 2 + size;
    }
    // WHY: a copy, so that the rest does not hold the frame that it came with.
    this.#partial = Buffer.from(this.#partial.subarray(at));
  }

  async #take(message: Buffer): Promise<void> {
    this.#pending++;
    try {
      const answer = await this.#answer(message);
      if (answer && !this.#isClosed) this.#send(answer);
    } catch (error) {
      // When the stream was closed meanwhile nobody waits for the answer.
      if (!this.#abort.signal.aborted) this.abort(this.#host.failure(error).code);
    } finally {
      this.#pending--;
      this.#endWhenAnswered();
    }
  }

  async #answer(message: Buffer): Promise<Buffer | null> {
    try {
      const question = parseQuery(message);
      if (!question) return null;
      if (this.#pending > MAX_PENDING || !(await this.#options.mayAsk())) return encodeAnswer(question, RCODE.REFUSED);
      return await this.#options.answer(question, this.#abort.signal);
    } catch (error) {
      if (error instanceof QueryError) return encodeError(error);
      throw error;
    }
  }

  #send(answer: Buffer): void {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(answer.byteLength);
    this.#down.push(Buffer.concat([length, answer]));
    if (this.#down.waitingBytes > MAX_WAITING_BYTES) this.abort("answers-unread");
  }

  #endByClient(): void {
    this.#clientEnded = true;
    this.#endWhenAnswered();
  }

  #endWhenAnswered(): void {
    if (this.#isClosed || !this.#clientEnded || this.#pending > 0) return;
    this.#down.end(encodeClose(this.#host.id, CLOSE_REASON.VOLUNTARY));
  }

  #close(outcome: Outcome, reason: number): void {
    if (this.#isClosed) return;
    this.#abort.abort(new StreamError("client-closed", "the stream was closed"));
    this.#down.drop();
    this.#host.outbound.control(encodeClose(this.#host.id, reason));
    this.#finish(outcome);
  }

  #finish(outcome: Outcome): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#idle);
    clearTimeout(this.#deadline);
    this.#host.forget();
    this.#host.release(outcome);
  }
}
