import { LinkBrokenError } from "../errors/index.ts";
import { FILE_HEADER_SIZE, FILE_LIMIT, FILE_REPLY } from "./files-wire.gen.ts";
import { encodePath } from "./path-bytes.ts";

/** A field of a request; a string is a path. */
export type FileField =
  | { readonly u32: number }
  | { readonly u64: bigint }
  | { readonly path: string }
  /** What comes last, without a length of its own. */
  | { readonly rest: Uint8Array };

/** A message of the file server, the watcher or the port watcher. */
export interface FileReply {
  /** Of the request; 0 for what was not asked for. */
  readonly id: number;
  /** More replies to the same request follow. */
  readonly more: boolean;
  /** 0: it worked. */
  readonly errno: number;
  readonly payload: Uint8Array;
}

/** Encodes one request. @throws RangeError when it is over the server's limit. */
export function encodeFileRequest(id: number, op: number, fields: readonly FileField[]): Uint8Array<ArrayBuffer> {
  const parts = fields.map((field) => {
    if ("path" in field) return { field, bytes: encodePath(field.path) };
    return "rest" in field ? { field, bytes: field.rest } : { field, bytes: null };
  });
  const sizeOf = ({ field, bytes }: (typeof parts)[number]) =>
    "u32" in field ? 4 : "u64" in field ? 8 : (bytes?.length ?? 0) + ("path" in field ? 4 : 0);
  const size = parts.reduce((sum, part) => sum + sizeOf(part), 0);
  if (size > FILE_LIMIT.MESSAGE_BYTES) throw new RangeError(`a request of ${size} bytes`);
  const message = new Uint8Array(FILE_HEADER_SIZE + size);
  const view = new DataView(message.buffer);
  view.setUint32(0, size, true);
  view.setUint32(4, id, true);
  view.setUint32(8, op, true);
  let at = FILE_HEADER_SIZE;
  for (const part of parts) {
    const { field, bytes } = part;
    if ("u32" in field) view.setUint32(at, field.u32, true);
    if ("u64" in field) view.setBigUint64(at, BigInt.asUintN(64, field.u64), true);
    if ("path" in field) view.setUint32(at, bytes?.length ?? 0, true);
    if (bytes) message.set(bytes, at + ("path" in field ? 4 : 0));
    at += sizeOf(part);
  }
  return message;
}

/** Finds messages in a stream of bytes that arrives in pieces of any size. */
export class FileReplyDecoder {
  readonly #onReply: (reply: FileReply) => void;
  readonly #head = new Uint8Array(FILE_HEADER_SIZE);
  #headLength = 0;
  #payload: Uint8Array | null = null;
  #payloadLength = 0;

  /** `onReply` may keep the payload. */
  constructor(onReply: (reply: FileReply) => void) {
    this.#onReply = onReply;
  }

  /** @throws LinkBrokenError for a length over the limit. */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      at += this.#payload ? this.#fillPayload(this.#payload, bytes.subarray(at)) : this.#fillHead(bytes.subarray(at));
    }
  }

  #fillHead(bytes: Uint8Array): number {
    const taken = bytes.subarray(0, FILE_HEADER_SIZE - this.#headLength);
    this.#head.set(taken, this.#headLength);
    this.#headLength += taken.length;
    if (this.#headLength === FILE_HEADER_SIZE) {
      const length = new DataView(this.#head.buffer).getUint32(0, true);
      if (length > FILE_LIMIT.MESSAGE_BYTES) throw new LinkBrokenError(`a file server's reply of ${length} bytes`);
      this.#payload = new Uint8Array(length);
      this.#payloadLength = 0;
      if (length === 0) this.#deliver(this.#payload);
    }
    return taken.length;
  }

  #fillPayload(payload: Uint8Array, bytes: Uint8Array): number {
    const taken = bytes.subarray(0, payload.length - this.#payloadLength);
    payload.set(taken, this.#payloadLength);
    this.#payloadLength += taken.length;
    if (this.#payloadLength === payload.length) this.#deliver(payload);
    return taken.length;
  }

  #deliver(payload: Uint8Array): void {
    const view = new DataView(this.#head.buffer);
    this.#headLength = 0;
    this.#payload = null;
    this.#onReply({
      id: view.getUint32(4, true),
      more: (view.getUint16(8, true) & FILE_REPLY.MORE) !== 0,
      errno: view.getUint16(10, true),
      payload,
    });
  }
}
