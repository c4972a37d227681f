import { describe, expect, it } from "vitest";
import { clientFrame, FrameReader, OPCODE } from "./web-socket-frames.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const all = (reader: FrameReader, ...pieces: Uint8Array<ArrayBuffer>[]) =>
  pieces.flatMap((piece) => [...reader.push(piece)]);

/** A server's frame: as a client's, without the mask. */
function serverFrame(first: number, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const head = data.length < 126 ? [data.length] : [126, data.length >> 8, data.length & 255];
  return bytes(first, ...head, ...data);
}

it.each([0, 5, 125, 126, 65_535, 65_536, 200_000])("a message of %i bytes is masked, and whole", (size) => {
  const data = crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)));
  const sent = new Uint8Array(size);
  sent.set(data.subarray(0, size));
  const frame = clientFrame(OPCODE.BINARY, sent);
  expect(frame[0]).toBe(0x82);
  expect((frame[1] as number) & 0x80).toBe(0x80);
  const head = size < 126 ? 2 : size < 65_536 ? 4 : 10;
  const mask = frame.subarray(head, head + 4);
  const back = frame.subarray(head + 4).map((byte, at) => byte ^ (mask[at & 3] as number));
  expect(back).toEqual(sent);
  const said = [...frame.subarray(2, head)].reduce((sum, byte) => sum * 256 + byte, 0);
  expect(head === 2 ? (frame[1] as number) & 127 : said).toBe(size);
});

describe("what a server sends", () => {
  const text = new TextEncoder().encode("héllo");

  it("is read whole, however it is cut", () => {
    const frame = serverFrame(0x81, text);
    for (let cut = 0; cut <= frame.length; cut++)
      expect(all(new FrameReader(100), frame.slice(0, cut), frame.slice(cut))).toEqual([{ opcode: 1, data: text }]);
  });

  it("in pieces is one message, and control frames come between them", () => {
    const got = all(
      new FrameReader(100),
      serverFrame(0x01, text.slice(0, 2)),
      serverFrame(0x89, bytes(1)),
      serverFrame(0x80, text.slice(2)),
    );
    expect(got).toEqual([
      { opcode: OPCODE.PING, data: bytes(1) },
      { opcode: OPCODE.TEXT, data: text },
    ]);
  });

  it.each([
    ["too large", bytes(0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0), 1009],
    ["too large in all", bytes(0x02, 2, 1, 2, 0x80, 99), 1009],
    ["masked", bytes(0x81, 0x80), 1002],
    ["with reserved bits", bytes(0xc1, 0), 1002],
    ["a continuation of nothing", bytes(0x80, 0), 1002],
    ["a message within a message", bytes(0x01, 0, 0x01, 0), 1002],
    ["a control frame in pieces", bytes(0x09, 0), 1002],
    ["of an unknown kind", bytes(0x83, 0), 1002],
  ])("and is %s ends it", (_what, frame, code) => {
    expect(() => all(new FrameReader(100), frame)).toThrow(expect.objectContaining({ code }));
  });
});
