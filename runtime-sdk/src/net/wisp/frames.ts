import {
  CLOSE_REASON,
  HEADER_BYTES,
  MAX_EXTENSION_BYTES,
  MAX_EXTENSIONS,
  MAX_HOST_BYTES,
  PACKET,
  STREAM_TYPE,
} from "./wire.ts";

/** What version 2's handshake says: by extension id, its payload. */
export type Extensions = ReadonlyMap<number, Uint8Array>;

/** A frame as it was received. `bytes` and payloads of extensions are views of what was decoded. */
export type Frame =
  | {
      readonly type: "connect";
      readonly stream: number;
      readonly streamType: number;
      readonly port: number;
      readonly host: string;
    }
  | { readonly type: "data"; readonly stream: number; readonly bytes: Uint8Array }
  /** `amount`: packets from a server, bytes from a client with byte credit. */
  | { readonly type: "continue"; readonly stream: number; readonly amount: number }
  | { readonly type: "close"; readonly stream: number; readonly reason: number }
  | {
      readonly type: "info";
      readonly stream: number;
      readonly major: number;
      readonly minor: number;
      readonly extensions: Extensions;
    };

/** What is wrong with a frame. */
export type FrameProblem =
  /** Shorter than its type and stream. */
  | "short"
  /** Of a type that there is not. */
  | "type"
  /** Its payload is not what its type has. */
  | "payload";

/** Thrown for bytes that are not a frame. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  readonly problem: FrameProblem;
  /** The stream that it names, `null` when it is too short for that. */
  readonly stream: number | null;

  constructor(problem: FrameProblem, stream: number | null, detail: string) {
    super(`not a WISP frame: ${detail}`);
    this.problem = problem;
    this.stream = stream;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Reads one frame, the whole of a WebSocket message. @throws FrameError */
export function decodeFrame(message: Uint8Array): Frame {
  if (message.byteLength < HEADER_BYTES) throw new FrameError("short", null, `${message.byteLength} bytes`);
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  const stream = view.getUint32(1, true);
  const size = message.byteLength - HEADER_BYTES;
  switch (view.getUint8(0)) {
    case PACKET.DATA:
      return { type: "data", stream, bytes: message.subarray(HEADER_BYTES) };
    case PACKET.CONNECT:
      return decodeConnect(view, stream, message.subarray(HEADER_BYTES + 3));
    case PACKET.CONTINUE:
      if (size !== 4) throw new FrameError("payload", stream, `CONTINUE with ${size} bytes`);
      return { type: "continue", stream, amount: view.getUint32(HEADER_BYTES, true) };
    case PACKET.CLOSE:
      // The reason only informs: a CLOSE without one is a CLOSE.
      return { type: "close", stream, reason: size === 0 ? CLOSE_REASON.UNKNOWN : view.getUint8(HEADER_BYTES) };
    case PACKET.INFO:
      if (size < 2) throw new FrameError("payload", stream, `INFO with ${size} bytes`);
      return {
        type: "info",
        stream,
        major: view.getUint8(HEADER_BYTES),
        minor: view.getUint8(HEADER_BYTES + 1),
        extensions: decodeExtensions(message.subarray(HEADER_BYTES + 2), stream),
      };
    default:
      throw new FrameError("type", stream, `type ${view.getUint8(0)}`);
  }
}

function decodeConnect(view: DataView, stream: number, host: Uint8Array): Frame {
  if (view.byteLength < HEADER_BYTES + 3) throw new FrameError("payload", stream, "CONNECT without a port");
  if (host.byteLength > MAX_HOST_BYTES) throw new FrameError("payload", stream, `a host of ${host.byteLength} bytes`);
  const streamType = view.getUint8(HEADER_BYTES);
  const port = view.getUint16(HEADER_BYTES + 1, true);
  try {
    return { type: "connect", stream, streamType, port, host: utf8.decode(host) };
  } catch {
    throw new FrameError("payload", stream, "a host that is not UTF-8");
  }
}

function decodeExtensions(bytes: Uint8Array, stream: number): Extensions {
  const extensions = new Map<number, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength; ) {
    if (bytes.byteLength - at < 5) throw new FrameError("payload", stream, "an extension that is cut off");
    const id = view.getUint8(at);
    const length = view.getUint32(at + 1, true);
    at += 5;
    if (length > MAX_EXTENSION_BYTES || length > bytes.byteLength - at)
      throw new FrameError("payload", stream, `an extension of ${length} bytes`);
    if (extensions.has(id)) throw new FrameError("payload", stream, `extension ${id} twice`);
    if (extensions.size === MAX_EXTENSIONS) throw new FrameError("payload", stream, "too many extensions");
    extensions.set(id, bytes.subarray(at, at + length));
    at += length;
  }
  return extensions;
}

/** A frame with room for a payload of `size` bytes from `HEADER_BYTES` on. */
function frame(type: number, stream: number, size: number): { bytes: Uint8Array<ArrayBuffer>; view: DataView } {
  const bytes = new Uint8Array(HEADER_BYTES + size);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, type);
  view.setUint32(1, stream, true);
  return { bytes, view };
}

/** @throws RangeError for a host that is too long. */
export function encodeConnect(
  stream: number,
  host: string,
  port: number,
  streamType: number = STREAM_TYPE.TCP,
): Uint8Array<ArrayBuffer> {
  const name = encoder.encode(host);
  if (name.byteLength > MAX_HOST_BYTES) throw new RangeError(`a host of ${name.byteLength} bytes`);
  const { bytes, view } = frame(PACKET.CONNECT, stream, 3 + name.byteLength);
  view.setUint8(HEADER_BYTES, streamType);
  view.setUint16(HEADER_BYTES + 1, port, true);
  bytes.set(name, HEADER_BYTES + 3);
  return bytes;
}

export function encodeData(stream: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const { bytes } = frame(PACKET.DATA, stream, payload.byteLength);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

export function encodeContinue(stream: number, amount: number): Uint8Array<ArrayBuffer> {
  const { bytes, view } = frame(PACKET.CONTINUE, stream, 4);
  view.setUint32(HEADER_BYTES, amount, true);
  return bytes;
}

export function encodeClose(stream: number, reason: number): Uint8Array<ArrayBuffer> {
  const { bytes, view } = frame(PACKET.CLOSE, stream, 1);
  view.setUint8(HEADER_BYTES, reason);
  return bytes;
}

export function encodeInfo(
  version: { readonly major: number; readonly minor: number },
  extensions: Extensions,
): Uint8Array<ArrayBuffer> {
  const size = [...extensions.values()].reduce((sum, payload) => sum + 5 + payload.byteLength, 2);
  const { bytes, view } = frame(PACKET.INFO, 0, size);
  view.setUint8(HEADER_BYTES, version.major);
  view.setUint8(HEADER_BYTES + 1, version.minor);
  let at = HEADER_BYTES + 2;
  for (const [id, payload] of extensions) {
    view.setUint8(at, id);
    view.setUint32(at + 1, payload.byteLength, true);
    bytes.set(payload, at + 5);
    at += 5 + payload.byteLength;
  }
  return bytes;
}

/** The payload of an extension that is one `u32`. */
export function encodeU32(value: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
}

/** The `u32` that is the whole of an extension's payload; `null` when it is not one, or not there. */
export function decodeU32(payload: Uint8Array | undefined): number | null {
  if (payload?.byteLength !== 4) return null;
  return new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true);
}
