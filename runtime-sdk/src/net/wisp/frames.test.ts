import { describe, expect, it } from "vitest";
import {
  decodeFrame,
  decodeU32,
  encodeClose,
  encodeConnect,
  encodeContinue,
  encodeData,
  encodeInfo,
  encodeU32,
  FrameError,
} from "./frames.ts";
import {
  CLOSE_REASON,
  EXTENSION,
  MAX_EXTENSION_BYTES,
  MAX_EXTENSIONS,
  MAX_HOST_BYTES,
  STREAM_TYPE,
  VERSION,
} from "./wire.ts";

/** Mulberry32: the same numbers for the same seed. */
function randomFrom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  };
}

function problemOf(bytes: readonly number[]): [string, number | null] {
  try {
    decodeFrame(Uint8Array.from(bytes));
  } catch (error) {
    if (error instanceof FrameError) return [error.problem, error.stream];
    throw error;
  }
  throw new Error("it was taken");
}

describe("bytes on the wire", () => {
  it("are the protocol's", () => {
    expect([...encodeConnect(0x04030201, "a.b", 443)]).toEqual([1, 1, 2, 3, 4, 1, 0xbb, 1, 0x61, 0x2e, 0x62]);
    expect([...encodeConnect(1, "a", 53, STREAM_TYPE.UDP)]).toEqual([1, 1, 0, 0, 0, 2, 53, 0, 0x61]);
    expect([...encodeData(7, Uint8Array.of(9, 8))]).toEqual([2, 7, 0, 0, 0, 9, 8]);
    expect([...encodeContinue(0, 0x01020304)]).toEqual([3, 0, 0, 0, 0, 4, 3, 2, 1]);
    expect([...encodeClose(1, CLOSE_REASON.BLOCKED)]).toEqual([4, 1, 0, 0, 0, 0x48]);
    const extensions = new Map([
      [EXTENSION.STREAM_OPEN, new Uint8Array(0)],
      [EXTENSION.BYTE_CREDIT, encodeU32(0x10000)],
    ]);
    expect([...encodeInfo(VERSION, extensions)]).toEqual([
      5, 0, 0, 0, 0, 2, 0, 5, 0, 0, 0, 0, 0xf0, 4, 0, 0, 0, 0, 0, 1, 0,
    ]);
  });
});

describe("a frame", () => {
  it("comes back as it was sent, also from the middle of a buffer", () => {
    const inBuffer = (bytes: Uint8Array) => {
      const buffer = new Uint8Array(bytes.byteLength + 20).fill(0xee);
      buffer.set(bytes, 13);
      return buffer.subarray(13, 13 + bytes.byteLength);
    };
    const decode = (bytes: Uint8Array) => decodeFrame(inBuffer(bytes));
    expect(decode(encodeConnect(0xffffffff, "exämple", 65535))).toEqual({
      type: "connect",
      stream: 0xffffffff,
      streamType: 1,
      port: 65535,
      host: "exämple",
    });
    expect(decode(encodeData(1, Uint8Array.of(1, 2, 3)))).toEqual({
      type: "data",
      stream: 1,
      bytes: Uint8Array.of(1, 2, 3),
    });
    expect(decode(encodeData(1, new Uint8Array(0)))).toEqual({ type: "data", stream: 1, bytes: new Uint8Array(0) });
    expect(decode(encodeContinue(3, 0xffffffff))).toEqual({ type: "continue", stream: 3, amount: 0xffffffff });
    expect(decode(encodeClose(3, 2))).toEqual({ type: "close", stream: 3, reason: 2 });
    const extensions = new Map([
      [EXTENSION.MOTD, Uint8Array.of(104, 105)],
      [EXTENSION.UDP, new Uint8Array(0)],
    ]);
    expect(decode(encodeInfo(VERSION, extensions))).toEqual({
      type: "info",
      stream: 0,
      major: 2,
      minor: 0,
      extensions,
    });
  });

  it("may be a CLOSE without a reason", () => {
    expect(decodeFrame(Uint8Array.of(4, 1, 0, 0, 0))).toEqual({
      type: "close",
      stream: 1,
      reason: CLOSE_REASON.UNKNOWN,
    });
  });

  it("is refused when it is not one", () => {
    expect(problemOf([])).toEqual(["short", null]);
    expect(problemOf([2, 1, 0, 0])).toEqual(["short", null]);
    expect(problemOf([0, 1, 0, 0, 0])).toEqual(["type", 1]);
    expect(problemOf([6, 1, 0, 0, 0])).toEqual(["type", 1]);
    expect(problemOf([255, 0, 0, 0, 128])).toEqual(["type", 0x80000000]);
    for (const size of [0, 1, 2])
      expect(problemOf([1, 9, 0, 0, 0, ...new Array(size).fill(1)])).toEqual(["payload", 9]);
    expect(problemOf([1, 9, 0, 0, 0, 1, 80, 0, 0xff])).toEqual(["payload", 9]);
    expect(problemOf([3, 9, 0, 0, 0, 1, 2, 3])).toEqual(["payload", 9]);
    expect(problemOf([3, 9, 0, 0, 0, 1, 2, 3, 4, 5])).toEqual(["payload", 9]);
    expect(problemOf([5, 0, 0, 0, 0, 2])).toEqual(["payload", 0]);
  });

  it("has a host of a bounded length", () => {
    const connect = (size: number) => [1, 9, 0, 0, 0, 1, 80, 0, ...new Array(size).fill(0x61)];
    expect(decodeFrame(Uint8Array.from(connect(MAX_HOST_BYTES)))).toMatchObject({ host: "a".repeat(MAX_HOST_BYTES) });
    expect(problemOf(connect(MAX_HOST_BYTES + 1))).toEqual(["payload", 9]);
    expect(() => encodeConnect(1, "a".repeat(MAX_HOST_BYTES + 1), 80)).toThrow(RangeError);
  });
});

describe("extensions", () => {
  const info = (...bytes: number[]) => [5, 0, 0, 0, 0, 2, 0, ...bytes];
  const one = (id: number, size: number) => [id, size & 255, size >> 8, 0, 0, ...new Array(size).fill(7)];

  it("of a wrong length are refused", () => {
    expect(problemOf(info(1, 0, 0, 0))).toEqual(["payload", 0]);
    expect(problemOf(info(1, 1, 0, 0, 0))).toEqual(["payload", 0]);
    expect(problemOf(info(1, 255, 255, 255, 255))).toEqual(["payload", 0]);
    expect(problemOf(info(...one(1, 2), 3))).toEqual(["payload", 0]);
    expect(decodeFrame(Uint8Array.from(info(...one(9, MAX_EXTENSION_BYTES))))).toMatchObject({ type: "info" });
    expect(problemOf(info(...one(9, MAX_EXTENSION_BYTES + 1)))).toEqual(["payload", 0]);
  });

  it("are counted, and each is there once", () => {
    const many = (count: number) => Array.from({ length: count }, (_, id) => one(id, 0)).flat();
    expect(decodeFrame(Uint8Array.from(info(...many(MAX_EXTENSIONS))))).toMatchObject({ type: "info" });
    expect(problemOf(info(...many(MAX_EXTENSIONS + 1)))).toEqual(["payload", 0]);
    expect(problemOf(info(...one(1, 0), ...one(1, 1)))).toEqual(["payload", 0]);
  });

  it("that are a number are read as one", () => {
    expect(decodeU32(encodeU32(0xfffffffe))).toBe(0xfffffffe);
    expect(decodeU32(undefined)).toBe(null);
    expect(decodeU32(new Uint8Array(3))).toBe(null);
    expect(decodeU32(new Uint8Array(5))).toBe(null);
  });
});

it("takes any bytes: a frame that is encoded the same again, or FrameError", () => {
  const seed = Number(process.env["WARMBOOT_SEED"] ?? Date.now() % 2 ** 31);
  const random = randomFrom(seed);
  let taken = 0;
  for (let i = 0; i < 30_000; i++) {
    const bytes = Uint8Array.from({ length: random(40) }, (_, at) =>
      at === 0 ? random(7) : random(4) ? random(6) : random(256),
    );
    try {
      const frame = decodeFrame(bytes);
      taken++;
      if (frame.type === "data") expect(encodeData(frame.stream, frame.bytes), `seed ${seed}`).toEqual(bytes);
      if (frame.type === "continue") expect(encodeContinue(frame.stream, frame.amount), `seed ${seed}`).toEqual(bytes);
      if (frame.type === "connect")
        expect(encodeConnect(frame.stream, frame.host, frame.port, frame.streamType), `seed ${seed}`).toEqual(bytes);
      if (frame.type === "info")
        expect(encodeInfo(frame, frame.extensions).subarray(5), `seed ${seed}`).toEqual(bytes.subarray(5));
    } catch (error) {
      if (!(error instanceof FrameError)) throw new Error(`seed ${seed}: ${error}`);
    }
  }
  expect(taken).toBeGreaterThan(1000);
});
