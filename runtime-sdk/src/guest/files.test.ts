import { describe, expect, it } from "vitest";
import { FileError, LinkBrokenError } from "../errors/index.ts";
import { errnoName } from "./errno.ts";
import { FileClient } from "./file-client.ts";
import { encodeFileRequest, type FileReply, FileReplyDecoder } from "./file-codec.ts";
import { splitTime } from "./file-stat.ts";
import { FILE_LIMIT, FILE_OP } from "./files-wire.gen.ts";
import { decodePath, encodePath, isPathText } from "./path-bytes.ts";

/** A small generator with a seed, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe("names of files", () => {
  it("any bytes come back as they were", () => {
    const below = random(5);
    for (let round = 0; round < 5000; round++) {
      const bytes = Uint8Array.from({ length: below(12) }, () => 1 + (below(2) ? below(255) : below(127)));
      const text = decodePath(bytes);
      expect(isPathText(text)).toBe(true);
      expect([...encodePath(text)]).toEqual([...bytes]);
    }
  });

  it.each(["", "plain", "grüße", "日本", "🎉", "\ufeffx", "\udce9", "é\udcff🎉"])("text comes back: %j", (text) => {
    expect(decodePath(encodePath(text))).toBe(text);
  });

  it.each(["\ud800", "\udc7f", "\udd00", "a\ud83c"])("text that stands for no bytes is told: %j", (text) => {
    expect(isPathText(text)).toBe(false);
  });
});

it("errors have the guest's names", () => {
  expect([1, 2, 28, 35, 39, 40, 41, 58, 71, 104, 110, 133, 134].map(errnoName)).toEqual([
    "EPERM",
    "ENOENT",
    "ENOSPC",
    "EDEADLK",
    "ENOTEMPTY",
    "ELOOP",
    "E41",
    "E58",
    "EPROTO",
    "ECONNRESET",
    "ETIMEDOUT",
    "EHWPOISON",
    "E134",
  ]);
});

it("times before 1970 and between milliseconds are split right", () => {
  expect(splitTime(1500)).toEqual({ seconds: 1n, nanoseconds: 500_000_000 });
  expect(splitTime(-1500)).toEqual({ seconds: -2n, nanoseconds: 500_000_000 });
  expect(splitTime(0.25)).toEqual({ seconds: 0n, nanoseconds: 250_000 });
});

/** A reply as the server sends it. */
function reply(id: number, { flags = 0, errno = 0, payload = new Uint8Array(0) } = {}): Uint8Array {
  const bytes = new Uint8Array(12 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, id, true);
  view.setUint16(8, flags, true);
  view.setUint16(10, errno, true);
  bytes.set(payload, 12);
  return bytes;
}

describe("replies", () => {
  it("are found in pieces of any size", () => {
    const below = random(9);
    const payload = Uint8Array.from({ length: 1000 }, () => below(256));
    const stream = Uint8Array.from([...reply(7, { payload }), ...reply(8, { errno: 2 }), ...reply(9, { flags: 1 })]);
    for (let size = 1; size < 60; size++) {
      const replies: FileReply[] = [];
      const decoder = new FileReplyDecoder((each) => replies.push(each));
      for (let at = 0; at < stream.length; at += size) decoder.push(stream.subarray(at, at + size));
      expect(replies.map(({ id, more, errno }) => [id, more, errno])).toEqual([
        [7, false, 0],
        [8, false, 2],
        [9, true, 0],
      ]);
      expect(replies[0]?.payload).toEqual(payload);
    }
  });

  it("over the limit are refused before memory is taken", () => {
    const head = reply(1);
    new DataView(head.buffer).setUint32(0, FILE_LIMIT.MESSAGE_BYTES + 1, true);
    expect(() => new FileReplyDecoder(() => {}).push(head)).toThrow(LinkBrokenError);
  });
});

describe("the client", () => {
  const task = { operation: "stat", path: "/x" };

  it("joins replies in parts, and makes errors of the guest's", async () => {
    const client = new FileClient(() => {});
    const list = client.request(FILE_OP.LIST, task, []);
    const failing = client.request(FILE_OP.STAT, task, []);
    client.receive(reply(1, { flags: 1, payload: Uint8Array.of(1) }));
    client.receive(reply(2, { errno: 13, payload: new TextEncoder().encode("Permission denied") }));
    client.receive(reply(1, { payload: Uint8Array.of(2) }));
    expect(await list).toEqual([Uint8Array.of(1), Uint8Array.of(2)]);
    await expect(failing).rejects.toMatchObject({
      errnoName: "EACCES",
      message: 'stat "/x" failed: Permission denied (EACCES)',
    });
  });

  it("rejects what is under way and what comes later when the server is gone", async () => {
    const client = new FileClient(() => {});
    const waiting = client.request(FILE_OP.STAT, task, []);
    client.fail(({ operation, path }) => new FileError(operation, path, 104, "ECONNRESET", "gone"));
    await expect(waiting).rejects.toMatchObject({ path: "/x", errno: 104 });
    await expect(client.request(FILE_OP.STAT, task, [])).rejects.toMatchObject({ errno: 104 });
  });

  it("does not take answers that nobody asked for, nor send what the server would refuse", () => {
    expect(() => new FileClient(() => {}).receive(reply(5))).toThrow(LinkBrokenError);
    const rest = new Uint8Array(FILE_LIMIT.MESSAGE_BYTES + 1);
    expect(() => encodeFileRequest(1, FILE_OP.WRITE, [{ rest }])).toThrow(RangeError);
  });
});
