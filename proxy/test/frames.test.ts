import { once } from "node:events";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  EXTENSION,
  encodeClose,
  encodeConnect,
  encodeContinue,
  encodeData,
  encodeInfo,
  encodeU32,
  VERSION,
} from "warmboot/wisp";
import { WebSocket } from "ws";
import { BlackHole } from "./support/black-hole.ts";
import { TestClient } from "./support/client.ts";
import { echo, Internet } from "./support/internet.ts";
import { flood, masked, rawSocket } from "./support/raw-socket.ts";
import { TestRelay } from "./support/relay.ts";

const SITE = "93.184.216.34";
const INVALID = 0x41;
const THROTTLED = 0x49;
const SEED = Number(process.env["WARMBOOT_SEED"] ?? Date.now() % 2 ** 31);

let internet: Internet;
let relay: TestRelay;
let blackHole: BlackHole;

beforeAll(async () => {
  internet = await Internet.open([80], echo);
  blackHole = await BlackHole.open(443);
  relay = await TestRelay.start({
    limits: { anonymous: { streamsPerConnection: 50, connections: 1000, connectsPerMinute: 1_000_000 } },
    timeouts: { handshakeSeconds: 1 },
  });
});
afterAll(async () => {
  await relay.kill();
  await internet.close();
  await blackHole.close();
});
beforeEach(() => {
  internet.hits.length = 0;
});

/** Whether the relay still does its work. */
async function works(): Promise<void> {
  expect(relay.isRunning).toBe(true);
  const client = await TestClient.open(relay.url);
  const stream = client.connect(SITE, 80);
  stream.send("still there");
  await stream.until(({ received }) => received === 11);
  await client.close();
}

describe("a message that is no frame ends the connection with 1002", () => {
  const frames: [string, readonly number[]][] = [
    ["nothing", []],
    ["one byte", [1]],
    ["four bytes", [2, 1, 0, 0]],
    ["type 0", [0, 1, 0, 0, 0]],
    ["type 6", [6, 1, 0, 0, 0]],
    ["type 255", [255, 1, 0, 0, 0]],
    ["CONTINUE of three bytes", [3, 1, 0, 0, 0, 1, 2, 3]],
    ["CONTINUE without credit", [...encodeContinue(1, 5)]],
    ["INFO in the middle", [...encodeInfo(VERSION, new Map())]],
    ["CONNECT of stream 0", [...encodeConnect(0, SITE, 80)]],
    ["DATA of stream 0", [...encodeData(0, Uint8Array.of(1))]],
    ["CLOSE of stream 0", [...encodeClose(0, 2)]],
  ];
  it.each(frames)("%s", async (_, bytes) => {
    const client = await TestClient.open(relay.url);
    client.send(Uint8Array.from(bytes));
    expect((await client.closed).code).toBe(1002);
    await works();
  });

  it.each([
    ["CONTINUE", encodeContinue(0, 5)],
    ["CONNECT", encodeConnect(1, SITE, 80)],
    ["INFO of another version", encodeInfo({ major: 9, minor: 0 }, new Map())],
    ["INFO with a malformed credit", encodeInfo(VERSION, new Map([[EXTENSION.BYTE_CREDIT, Uint8Array.of(1, 2)]]))],
    [
      "INFO with an extension that is longer than itself",
      Uint8Array.from([5, 0, 0, 0, 0, 2, 0, 1, 255, 255, 255, 255]),
    ],
  ])("%s in the handshake", async (_, bytes) => {
    const socket = new WebSocket(relay.url, ["wisp-v2"]);
    socket.on("message", () => socket.send(bytes));
    expect((await once(socket, "close"))[0]).toBe(1002);
    expect(internet.hits).toEqual([]);
  });
});

describe("what a WebSocket must not say", () => {
  it.each([
    ["text", "hello", 1003],
    ["text that looks like a length", "2000000000", 1003],
    ["a message of 64 KiB and six bytes", new Uint8Array(65_536 + 6).fill(2), 1009],
  ])("%s", async (_, data, code) => {
    for (const version of [1, 2] as const) {
      const client = await TestClient.open(relay.url, { version });
      client.socket.send(data);
      expect((await client.closed).code).toBe(code);
    }
    await works();
  });

  it.each([
    ["an unmasked frame", [0x82, 1, 1]],
    ["a reserved opcode", masked(0x8b)],
    ["a reserved bit", masked(0xc2, 1)],
    ["a fragmented ping", masked(0x09)],
    ["a close code of 1005", masked(0x88, 0x03, 0xed)],
    ["a close code of one byte", masked(0x88, 3)],
    ["bad UTF-8 in a close", masked(0x88, 0x03, 0xe8, 0xff)],
    ["bad UTF-8 in a text", masked(0x81, 0xff)],
    ["a length of 2^63", [0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["a length of 101 MiB", [0x82, 0xff, 0, 0, 0, 0, 0x06, 0x50, 0, 0, 0, 0, 0, 0]],
    ["a continuation of nothing", masked(0x80, 1)],
    ["a ping of 126 bytes", [0x89, 0xfe, 0, 126, 0, 0, 0, 0, ...new Array(126).fill(0)]],
  ])("%s", async (_, bytes) => {
    const socket = await rawSocket(relay.port);
    socket.resume();
    socket.write(Uint8Array.from(bytes));
    await once(socket, "close");
    await works();
  });

  it("a message in 20,000 fragments", async () => {
    const socket = await rawSocket(relay.port);
    socket.resume();
    const fragment = Buffer.from(masked(0x00, 7));
    socket.write(Buffer.concat([Buffer.from(masked(0x02, 2)), ...Array.from({ length: 20_000 }, () => fragment)]));
    await once(socket, "close");
    await works();
  });

  it("compression: it is not agreed on", async () => {
    const socket = new WebSocket(relay.url, { perMessageDeflate: true });
    await once(socket, "open");
    expect(socket.extensions).toBe("");
    socket.terminate();
  });

  it("nothing at all after the upgrade, when version 2 was agreed on", async () => {
    const socket = new WebSocket(relay.url, ["wisp-v2"]);
    expect((await once(socket, "close"))[0]).toBe(1002);
  });
});

describe("streams", () => {
  it("of a CONNECT that is cut off, or has a host that is none, are refused alone", async () => {
    const client = await TestClient.open(relay.url);
    const hosts = [
      "a\nb.example",
      'x","event":"stream-open',
      "\u001b[31mred.example",
      "a".repeat(255),
      "b".repeat(60_000),
    ];
    const refused = [
      ...[[1], [1, 80], []].map((payload, i) => ({
        id: 101 + i,
        bytes: Uint8Array.from([1, 101 + i, 0, 0, 0, ...payload]),
      })),
      { id: 110, bytes: Uint8Array.from([1, 110, 0, 0, 0, 1, 80, 0, 0xff, 0xfe]) },
      ...hosts.map((host, i) => ({
        id: 120 + i,
        bytes: Buffer.concat([Uint8Array.from([1, 120 + i, 0, 0, 0, 1, 80, 0]), Buffer.from(host)]),
      })),
    ];
    for (const { id, bytes } of refused) {
      const stream = client.expect(id);
      client.send(bytes);
      expect(await stream.closed, String(id)).toBe(INVALID);
    }
    expect(internet.hits).toEqual([]);
    for (const line of relay.lines) expect(() => JSON.parse(line), line).not.toThrow();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    expect(relay.lines.filter((line) => /[\u0000-\u001f\u007f-\u009f]/.test(line))).toEqual([]);
    await client.close();
  });

  it("have one id each: an id that is in use ends the connection, and leaves no socket", async () => {
    const client = await TestClient.open(relay.url);
    for (let i = 0; i < 500; i++) client.send(encodeConnect(1, SITE, 80));
    expect((await client.closed).code).toBe(1002);
    await works();
    expect(internet.hits.length).toBeLessThanOrEqual(2);
    await expect.poll(() => internet.connections).toBe(0);
  });

  it("that are closed at once leave nothing behind", async () => {
    const client = await TestClient.open(relay.url);
    const streams = Array.from({ length: 500 }, () => {
      const stream = client.connect(SITE, 80);
      stream.close();
      return stream;
    });
    for (const stream of streams) expect([2, THROTTLED]).toContain(await stream.closed);
    await expect.poll(() => internet.connections).toBe(0);
    await expect.poll(() => relay.metric("streams{")).toBe(0);
    await client.close();
  });

  it("that are not there are told of once", async () => {
    const client = await TestClient.open(relay.url);
    for (let i = 0; i < 100; i++) client.send(encodeData(77, Uint8Array.of(1)));
    const stream = client.connect(SITE, 80);
    stream.send("x");
    await stream.until(({ received }) => received === 1);
    expect(client.strays).toEqual([{ type: "close", stream: 77 }]);
    stream.close();
    await stream.closed;
    for (let i = 0; i < 100; i++) client.send(encodeData(stream.id, Uint8Array.of(1)));
    client.send(encodeClose(stream.id, 2));
    client.send(encodeClose(99, 2));
    const next = client.connect(SITE, 80);
    next.send("x");
    await next.until(({ received }) => received === 1);
    expect(client.strays).toHaveLength(1);
    await client.close();
  });

  it("are bounded for each connection, pending ones too", async () => {
    const client = await TestClient.open(relay.url);
    const streams = Array.from({ length: 60 }, () => client.connect(SITE, 443));
    const refused = await Promise.all(streams.slice(50).map(({ closed }) => closed));
    expect(refused).toEqual(new Array(10).fill(THROTTLED));
    expect(streams.slice(0, 50).every(({ reason }) => reason === null)).toBe(true);
    streams[0]?.close();
    await streams[0]?.closed;
    const stream = client.connect(SITE, 80);
    stream.send("x");
    await stream.until(({ received }) => received === 1);
    await client.close();
  });

  it("asked for by the ten thousand cost no memory", async () => {
    const client = await TestClient.open(relay.url);
    const before = relay.rss();
    for (let i = 0; i < 50_000; i++) client.connect(SITE, 443);
    const last = client.streams.get(50_000);
    expect(await last?.closed).toBe(THROTTLED);
    expect(relay.rss() - before).toBeLessThan(64 * 2 ** 20);
    await client.close();
    await works();
  });
});

it("pings without end cost no memory, also when the answers are not read", async () => {
  const socket = await rawSocket(relay.port);
  socket.pause();
  const before = relay.rss();
  const ping = Buffer.from([0x89, 0xfd, 0, 0, 0, 0, ...new Array(125).fill(0x61)]);
  const pings = Buffer.concat(Array.from({ length: 1000 }, () => ping));
  // The relay has stopped reading: what is written stays with us.
  expect(await flood(socket, pings, 1000)).toBe(true);
  expect(relay.rss() - before).toBeLessThan(64 * 2 ** 20);
  socket.destroy();
  await works();
});

it("any messages: the relay stays up, and gives back what it took", async () => {
  const before = relay.descriptors();
  const credit = new Map([
    [EXTENSION.BYTE_CREDIT, encodeU32(1000)],
    [EXTENSION.HALF_CLOSE, new Uint8Array(0)],
  ]);
  const id = fc.integer({ min: 0, max: 4 });
  const bytes = fc.uint8Array({ maxLength: 64 });
  const host = fc.constantFrom(SITE, "10.0.0.1", "", "x.example");
  const frame = fc.oneof(
    { weight: 1, arbitrary: bytes },
    {
      weight: 4,
      arbitrary: fc
        .tuple(id, host, fc.constantFrom(80, 443, 0, 22))
        .map(([stream, name, port]) => encodeConnect(stream, name, port)),
    },
    { weight: 4, arbitrary: fc.tuple(id, bytes).map(([stream, data]) => encodeData(stream, data)) },
    { weight: 2, arbitrary: fc.tuple(id, fc.nat(2000)).map(([stream, amount]) => encodeContinue(stream, amount)) },
    { weight: 2, arbitrary: fc.tuple(id, fc.nat(255)).map(([stream, reason]) => encodeClose(stream, reason)) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.nat(255), id, bytes)
        .map(([type, stream, data]) => Uint8Array.of(type, stream, 0, 0, 0, ...data)),
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { maxLength: 40 }), fc.constantFrom(1, 2), async (frames, version) => {
      const client = await TestClient.open(relay.url, { version: version as 1 | 2, extensions: credit });
      for (const each of frames) client.send(each);
      await new Promise<void>((resolve) => {
        client.socket.once("pong", () => resolve());
        client.socket.once("close", () => resolve());
        client.socket.ping();
      });
      await client.close();
      expect(relay.isRunning).toBe(true);
    }),
    { numRuns: 400, seed: SEED },
  );
  await works();
  expect(internet.hits.every((address) => address === SITE)).toBe(true);
  await expect.poll(() => relay.metric("streams{"), { timeout: 20_000 }).toBe(0);
  await expect.poll(() => relay.descriptors(), { timeout: 20_000 }).toBeLessThanOrEqual(before + 2);
});
