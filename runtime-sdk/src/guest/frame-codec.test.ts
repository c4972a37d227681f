import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { encodeFrame, encodeFrames, type Frame, FrameDecoder } from "./frame-codec.ts";
import { FRAME, MAX_PAYLOAD } from "./wire.gen.ts";

function decode(pieces: Uint8Array[]): { frames: Frame[]; dropped: number } {
  const frames: Frame[] = [];
  const decoder = new FrameDecoder((frame) => frames.push({ ...frame, payload: frame.payload.slice() }));
  for (const piece of pieces) decoder.push(piece);
  return { frames, dropped: decoder.dropped };
}

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function cut(bytes: Uint8Array, below: (n: number) => number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + below(below(2) ? 7 : 5000);
    pieces.push(bytes.slice(at, at + size));
    at += size;
  }
  return pieces;
}

const concat = (parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

describe("frame codec", () => {
  it("gives back what was encoded", () => {
    const payload = Uint8Array.from({ length: MAX_PAYLOAD }, (_, i) => i * 7);
    const { frames, dropped } = decode([encodeFrame(FRAME.STDOUT, 0xfffffffe, payload, 1)]);
    expect(frames).toEqual([{ type: FRAME.STDOUT, flags: 1, channel: 0xfffffffe, payload }]);
    expect(dropped).toBe(0);
  });

  it("refuses a payload that does not fit in a page", () => {
    expect(() => encodeFrame(FRAME.STDOUT, 1, new Uint8Array(MAX_PAYLOAD + 1))).toThrow(RangeError);
  });

  it.each([0, 1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 3 * MAX_PAYLOAD])(
    "sends %d bytes as frames of a page and a rest",
    (size) => {
      const payload = Uint8Array.from({ length: size }, (_, i) => i * 11);
      const { frames, dropped } = decode([encodeFrames(FRAME.STDIN, 7, payload)]);
      expect(concat(frames.map((frame) => frame.payload))).toEqual(payload);
      expect(frames.length).toBe(Math.max(1, Math.ceil(size / MAX_PAYLOAD)));
      expect(dropped).toBe(0);
    },
  );

  it("finds the next frame after bytes that belong to none, and counts them", () => {
    const frame = encodeFrame(FRAME.PONG, 0, Uint8Array.of(1, 2, 3));
    const { frames, dropped } = decode([concat([Uint8Array.of(0x57, 0xb7, 9), frame, Uint8Array.of(1, 2), frame])]);
    expect(frames.length).toBe(2);
    expect(dropped).toBe(5);
  });

  it("drops a header with a length over the limit even when its CRC is right", () => {
    const long = encodeFrame(FRAME.STDOUT, 1, new Uint8Array(MAX_PAYLOAD));
    new DataView(long.buffer).setUint16(8, MAX_PAYLOAD + 1, true);
    const { frames } = decode([long, encodeFrame(FRAME.PONG, 0, new Uint8Array(0))]);
    expect(frames.map((frame) => frame.type)).toEqual([FRAME.PONG]);
  });

  it("gives the same for a stream in pieces as for the whole, valid or mutated", () => {
    const below = random(42);
    for (let round = 0; round < 3000; round++) {
      const parts = Array.from({ length: 1 + below(6) }, () =>
        below(4) === 0
          ? Uint8Array.from({ length: below(40) }, () => below(256))
          : encodeFrame(
              below(256),
              below(5),
              Uint8Array.from({ length: below(60) }, () => below(256)),
              below(2),
            ),
      );
      const stream = concat(parts);
      if (below(2)) for (let i = below(5); i > 0 && stream.length > 0; i--) stream[below(stream.length)] = below(256);
      const whole = decode([stream]);
      expect(decode(cut(stream, below)), `round ${round}`).toEqual(whole);
    }
  });

  it("survives random bytes with real headers in them", () => {
    const below = random(7);
    for (let round = 0; round < 500; round++) {
      const bytes = Uint8Array.from(
        { length: 200 },
        () => (below(3) ? [0x57, 0xb7, 0, 1][below(4)] : below(256)) as number,
      );
      const { frames, dropped } = decode(cut(bytes, below));
      const used = frames.reduce((sum, frame) => sum + 12 + frame.payload.length, 0);
      expect(dropped + used).toBeLessThanOrEqual(bytes.length);
    }
  });
});

interface Vector {
  readonly name: string;
  readonly hex: string;
  readonly frames: readonly { type: number; flags: number; channel: number; payloadHex: string }[];
  readonly dropped: number;
}

const vectorsFile = new URL("../../wire/vectors.json", import.meta.url);

describe("the vectors shared with the agent's codec", () => {
  it("are there", () => expect(existsSync(vectorsFile)).toBe(true));
  const vectors: Vector[] = existsSync(vectorsFile) ? JSON.parse(readFileSync(vectorsFile, "utf8")) : [];
  it.each(vectors)("$name", (vector) => {
    const { frames, dropped } = decode([Uint8Array.from(Buffer.from(vector.hex, "hex"))]);
    const seen = frames.map(({ payload, ...rest }) => ({ ...rest, payloadHex: Buffer.from(payload).toString("hex") }));
    expect(seen).toEqual(vector.frames);
    expect(dropped).toBe(vector.dropped);
  });
});
