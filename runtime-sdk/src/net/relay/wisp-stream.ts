import {
  CLOSE_REASON,
  encodeClose,
  encodeConnect,
  encodeContinue,
  encodeData,
  MAX_DATA_BYTES,
  STREAM_TYPE,
} from "../wisp/index.ts";

/** What a stream tells its owner. */
export interface StreamListener {
  /** The relay is connected to the destination; only where it says so. */
  connected(): void;
  /** Bytes; they are the listener's own. */
  data(bytes: Uint8Array): void;
  /** The destination sends nothing more. */
  ended(): void;
  /** The stream is over, for this reason of the relay. */
  closed(reason: number): void;
  /** It takes bytes again. */
  drained(): void;
}

/** What a stream needs of its connection. */
export interface StreamCarrier {
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** Whether what is sent goes out soon. */
  readonly isClear: boolean;
  readonly hasHalfClose: boolean;
  readonly hasByteCredit: boolean;
  /** Asks for `bytes` more to be on their way on a stream; what it may have. */
  reserve(bytes: number): number;
  release(bytes: number): void;
  /** The stream is over. */
  forget(id: number): void;
  /** Bytes came in, or were taken. */
  noteUnread(change: number): void;
}

/**
 * Bytes of one stream that may be on their way: at first, and when all of them are taken again and again. WHY no more: that much
 * carries 10 MB/s over 200 ms, and what a program of the guest does not read is kept here.
 */
export const FIRST_WINDOW = 256 * 1024;
const LARGEST_WINDOW = 2 * 1024 * 1024;

/** One stream of a WISP connection. */
export class WispStream {
  readonly id: number;
  readonly #carrier: StreamCarrier;
  readonly #listener: StreamListener;
  readonly #isTcp: boolean;
  /** Packets that the server takes. */
  #packets: number;
  #window: number;
  /** Bytes that came and were not taken. */
  #unread = 0;
  /** Bytes taken that the server was not told of. */
  #taken = 0;
  /** Bytes taken since the window was last made larger. */
  #sinceGrowth = 0;
  #isOver = false;
  #ended = { here: false, there: false };

  constructor(
    carrier: StreamCarrier,
    id: number,
    destination: { readonly host: string; readonly port: number; readonly isTcp: boolean },
    options: { readonly packets: number; readonly window: number },
    listener: StreamListener,
  ) {
    this.id = id;
    this.#carrier = carrier;
    this.#listener = listener;
    this.#isTcp = destination.isTcp;
    this.#packets = options.packets;
    this.#window = options.window;
    const type = destination.isTcp ? STREAM_TYPE.TCP : STREAM_TYPE.UDP;
    carrier.send(encodeConnect(id, destination.host, destination.port, type));
  }

  /** Bytes that came and were not taken. */
  get unread(): number {
    return this.#unread;
  }

  /** How many bytes `write` takes now. */
  get room(): number {
    if (this.#isOver || this.#ended.here || !this.#carrier.isClear) return 0;
    return this.#isTcp && this.#packets === 0 ? 0 : MAX_DATA_BYTES;
  }

  /** Sends bytes, at most `room`. */
  write(bytes: Uint8Array): void {
    if (this.#isOver || this.#ended.here || bytes.byteLength === 0) return;
    if (this.#isTcp) this.#packets = Math.max(0, this.#packets - 1);
    this.#carrier.send(encodeData(this.id, bytes));
  }

  /** Sends nothing more. Where the relay knows no half-close, it goes on sending what still comes for a while. */
  end(): void {
    if (this.#isOver || this.#ended.here) return;
    this.#ended.here = true;
    if (this.#carrier.hasHalfClose) {
      this.#carrier.send(encodeData(this.id, new Uint8Array(0)));
      if (this.#ended.there) this.#finish();
    } else this.#carrier.send(encodeClose(this.id, CLOSE_REASON.VOLUNTARY));
  }

  /** Bytes were taken: as many may come again. */
  taken(count: number): void {
    // What a stream that is over has not given away counts no more.
    if (this.#isOver) return;
    this.#unread -= count;
    this.#carrier.noteUnread(-count);
    if (!this.#carrier.hasByteCredit || !this.#isTcp) return;
    this.#taken += count;
    this.#sinceGrowth += count;
    // WHY not each time: a frame for a few bytes costs more than they are worth.
    if (this.#taken < this.#window / 4) return;
    const growth = this.#sinceGrowth >= this.#window ? this.#grow() : 0;
    this.#carrier.send(encodeContinue(this.id, this.#taken + growth));
    this.#taken = 0;
  }

  /** Gives the stream up. */
  close(reason: number): void {
    if (this.#isOver) return;
    this.#carrier.send(encodeClose(this.id, reason));
    this.#finish();
  }

  /** @internal The server has sent DATA. */
  receiveData(bytes: Uint8Array): void {
    if (this.#ended.there) return;
    if (bytes.byteLength > 0) {
      this.#unread += bytes.byteLength;
      this.#carrier.noteUnread(bytes.byteLength);
      this.#listener.data(bytes);
    } else if (this.#carrier.hasHalfClose && this.#isTcp) {
      this.#ended.there = true;
      this.#listener.ended();
      if (this.#ended.here) this.#finish();
    }
  }

  /** @internal The server has sent something for the first time. */
  receiveConnected(): void {
    this.#listener.connected();
  }

  /** @internal The server has sent CONTINUE. */
  receiveContinue(packets: number): void {
    this.#packets = packets;
    this.#listener.drained();
  }

  /** @internal The connection takes bytes again. */
  receiveClear(): void {
    if (this.room > 0) this.#listener.drained();
  }

  /** @internal The server has sent CLOSE, or is gone. */
  receiveClose(reason: number): void {
    if (this.#isOver) return;
    this.#finish();
    this.#listener.closed(reason);
  }

  #grow(): number {
    this.#sinceGrowth = 0;
    const growth = this.#carrier.reserve(Math.min(this.#window, LARGEST_WINDOW - this.#window));
    this.#window += growth;
    return growth;
  }

  #finish(): void {
    this.#isOver = true;
    this.#carrier.noteUnread(-this.#unread);
    this.#unread = 0;
    this.#carrier.release(this.#window);
    this.#carrier.forget(this.id);
  }
}
