import type { Packet } from "../packet/packet.ts";
import { captureHeader, captureRecord } from "./capture-file.ts";
import type { FromGateway, ToGateway } from "./messages.ts";

/** Bytes of one capture that wait for its reader; what is more is not in it. */
const MAX_WAITING = 4 * 1024 * 1024;

interface Capture {
  credit: number;
  waiting: Uint8Array<ArrayBuffer>[];
  size: number;
}

/** Captures that the session reads. */
export class Captures {
  readonly #post: (message: FromGateway, transfer: ArrayBuffer[]) => void;
  readonly #captures = new Map<number, Capture>();

  constructor(post: (message: FromGateway, transfer: ArrayBuffer[]) => void) {
    this.#post = post;
  }

  receive(message: Extract<ToGateway, { readonly type: "capture" | "capture-end" }>): void {
    if (message.type === "capture-end") {
      this.#captures.delete(message.id);
      return;
    }
    const capture = this.#captures.get(message.id) ?? { credit: 0, waiting: [captureHeader()], size: 0 };
    this.#captures.set(message.id, capture);
    capture.credit += message.credit;
    this.#pump(message.id, capture);
  }

  note(packet: Packet): void {
    if (this.#captures.size === 0) return;
    const record = captureRecord(packet, performance.timeOrigin + performance.now());
    for (const [id, capture] of this.#captures) {
      if (capture.size + record.byteLength > MAX_WAITING) continue;
      capture.waiting.push(record.slice());
      capture.size += record.byteLength;
      this.#pump(id, capture);
    }
  }

  #pump(id: number, capture: Capture): void {
    while (capture.credit > 0) {
      const record = capture.waiting.shift();
      if (!record) return;
      capture.credit -= record.byteLength;
      capture.size = Math.max(0, capture.size - record.byteLength);
      this.#post({ type: "captured", id, bytes: record }, [record.buffer]);
    }
  }
}
