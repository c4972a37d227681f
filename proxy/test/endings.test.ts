import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { EXTENSION } from "warmboot/wisp";
import { BlackHole } from "./support/black-hole.ts";
import { TestClient } from "./support/client.ts";
import { source } from "./support/flows.ts";
import { Internet } from "./support/internet.ts";
import { TestRelay } from "./support/relay.ts";

const SITE = "93.184.216.34";
const MIB = 2 ** 20;
const [VOLUNTARY, NETWORK_ERROR, UNREACHABLE, TIMED_OUT, REFUSED, TRANSFER_TIMEOUT] = [2, 3, 0x42, 0x43, 0x44, 0x47];
const NOTHING = new Uint8Array(0);

let internet: Internet;
let relay: TestRelay;
let blackHole: BlackHole;
/** What the site does with the next connections. */
let serve: (socket: Socket) => void;
let clients: TestClient[] = [];

beforeAll(async () => {
  internet = await Internet.open([80], (socket) => serve(socket));
  blackHole = await BlackHole.open(443);
});
afterAll(async () => {
  await internet.close();
  await blackHole.close();
});
beforeEach(async () => {
  relay = await TestRelay.start({
    timeouts: { connectSeconds: 1.5, lingerSeconds: 2 },
    policy: { ports: [80, 443, 81] },
  });
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  clients = [];
  expect(relay.isRunning).toBe(true);
  await relay.kill();
  await internet.hangUp();
});

async function open(options: Parameters<typeof TestClient.open>[1] = {}): Promise<TestClient> {
  const client = await TestClient.open(relay.url, options);
  clients.push(client);
  return client;
}

const HALF_CLOSE = new Map([[EXTENSION.HALF_CLOSE, NOTHING]]);

describe("the end", () => {
  const reversing = (socket: Socket) => {
    const chunks: Buffer[] = [];
    socket.on("data", (data) => chunks.push(data));
    socket.on("end", () => socket.end(`answer to ${Buffer.concat(chunks)}`));
  };

  it("of the client's half leaves the other half open, when both know half-close", async () => {
    serve = reversing;
    const client = await open({ extensions: HALF_CLOSE });
    const stream = client.connect(SITE, 80);
    stream.send("question");
    stream.send(NOTHING);
    // The answer, and the empty packet that ends it.
    let ended = false;
    stream.onData = (bytes) => {
      if (bytes.byteLength === 0) ended = true;
      else stream.chunks.push(bytes);
    };
    await stream.until(() => ended);
    expect(stream.text).toBe("answer to question");
    expect(await relay.audited("stream-close")).toMatchObject({ reason: "finished", up: 8, down: 18 });
    await expect.poll(() => internet.connections).toBe(0);
    expect(client.strays).toEqual([]);
  });

  it("of the server's half leaves the client's open, when both know half-close", async () => {
    let got = "";
    serve = (socket) => {
      socket.end("bye");
      socket.on("data", (data) => {
        got += data;
      });
    };
    const client = await open({ extensions: HALF_CLOSE });
    const stream = client.connect(SITE, 80);
    let ended = false;
    stream.onData = (bytes) => {
      ended = bytes.byteLength === 0;
    };
    await stream.until(() => ended);
    stream.send("still ");
    stream.send("here");
    await expect.poll(() => got).toBe("still here");
    stream.send(NOTHING);
    expect(await relay.audited("stream-close")).toMatchObject({ reason: "finished", up: 10, down: 3 });
  });

  it("by CLOSE lets the answer come, and is answered by CLOSE, when they do not", async () => {
    serve = reversing;
    for (const version of [1, 2] as const) {
      const client = await open({ version });
      const stream = client.connect(SITE, 80);
      stream.send("question");
      stream.close();
      expect(await stream.closed).toBe(VOLUNTARY);
      expect(stream.text).toBe("answer to question");
    }
  });

  it("by CLOSE is only waited for so long", async () => {
    serve = (socket) => socket.resume();
    const client = await open({ version: 1 });
    const stream = client.connect(SITE, 80);
    stream.send("question");
    await expect.poll(() => internet.connections).toBe(1);
    stream.close();
    expect(await stream.closed).toBe(VOLUNTARY);
    expect(await relay.audited("stream-close")).toMatchObject({ reason: "client-closed", up: 8 });
  });

  it("by CLOSE does not pass on more than the configuration says", async () => {
    await relay.kill();
    relay = await TestRelay.start({ timeouts: { lingerBytes: MIB } });
    serve = (socket) => socket.on("end", () => source(400 * MIB).serve(socket)).resume();
    const client = await open({ version: 1 });
    const stream = client.connect(SITE, 80);
    stream.send("x");
    stream.close();
    expect(await stream.closed).toBe(VOLUNTARY);
    expect(stream.received).toBeLessThanOrEqual(MIB);
    await expect.poll(() => internet.connections).toBe(0);
  });

  it("for another reason ends the server's connection at once, by a reset", async () => {
    const reset = new Promise<string>((resolve) => {
      serve = (socket) => socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "")).resume();
    });
    const client = await open();
    const stream = client.connect(SITE, 80);
    stream.send("x");
    await expect.poll(() => internet.connections).toBe(1);
    stream.close(NETWORK_ERROR);
    expect(await stream.closed).toBe(VOLUNTARY);
    expect(await reset).toBe("ECONNRESET");
  });

  it("of the client's connection ends all its streams' sockets", async () => {
    serve = (socket) => socket.resume();
    const client = await open();
    for (let i = 0; i < 50; i++) client.connect(SITE, 80);
    for (let i = 0; i < 50; i++) client.connect(SITE, 443);
    await expect.poll(() => internet.connections).toBe(50);
    const before = relay.descriptors();
    client.socket.terminate();
    await expect.poll(() => internet.connections).toBe(0);
    await expect.poll(() => relay.metric("streams{")).toBe(0);
    await expect.poll(() => relay.descriptors()).toBeLessThan(before - 90);
    expect(relay.audit("stream-close").filter(({ reason }) => reason === "connection-closed")).toHaveLength(100);
  });
});

describe("a connection that fails says why", () => {
  it.each([
    ["nobody listens", SITE, 81, REFUSED],
    ["there is no way", "21.21.21.21", 80, UNREACHABLE],
    ["nobody answers", SITE, 443, TIMED_OUT],
  ])("%s", async (_, host, port, reason) => {
    const client = await open();
    expect(await client.connect(host, port).closed).toBe(reason);
  });

  it("and one that succeeds is told of, before its first byte", async () => {
    serve = (socket) => socket.resume();
    const client = await open({ extensions: new Map([[EXTENSION.STREAM_OPEN, NOTHING]]) });
    const stream = client.connect(SITE, 80);
    await stream.opened;
    expect(stream.received).toBe(0);
    expect(stream.window).toBe(client.window);
  });
});

describe("time-outs", () => {
  const start = async (timeouts: object) => {
    await relay.kill();
    relay = await TestRelay.start({ timeouts });
  };

  it("end a stream on which nothing moves", async () => {
    await start({ streamIdleSeconds: 0.5 });
    serve = (socket) => socket.resume();
    const stream = (await open()).connect(SITE, 80);
    expect(await stream.closed).toBe(TRANSFER_TIMEOUT);
    expect(await relay.audited("stream-close")).toMatchObject({ reason: "stream-idle" });
  });

  it("end a stream that is too old, though something moves", async () => {
    await start({ streamLifetimeSeconds: 1, streamIdleSeconds: 60 });
    serve = (socket) => {
      const timer = setInterval(() => socket.write("x"), 50);
      socket.on("close", () => clearInterval(timer)).resume();
    };
    const stream = (await open()).connect(SITE, 80);
    expect(await stream.closed).toBe(TRANSFER_TIMEOUT);
    expect(stream.received).toBeGreaterThan(1);
  });

  it("end a connection that asks for nothing", async () => {
    await start({ connectionIdleSeconds: 0.5 });
    expect(await (await open()).closed).toEqual({ code: 1000, reason: "nothing was asked for" });
  });

  it("end a connection that is too old", async () => {
    await start({ connectionLifetimeSeconds: 0.5 });
    expect((await (await open()).closed).code).toBe(1012);
  });

  it("end a connection whose client does not answer pings", async () => {
    await start({ pingSeconds: 0.2, pongSeconds: 0.3 });
    const silent = await open({ ws: { autoPong: false } });
    const lively = await open();
    expect((await silent.closed).code).toBe(1006);
    let pings = 0;
    lively.socket.on("ping", () => pings++);
    await expect.poll(() => pings).toBeGreaterThan(5);
  });
});

it("gives back what it took: 300 connections with streams later, memory and descriptors are where they were", async () => {
  serve = (socket) => socket.pipe(socket);
  const once = async () => {
    const client = await TestClient.open(relay.url);
    const streams = Array.from({ length: 10 }, () => client.connect(SITE, 80));
    for (const stream of streams) stream.send(randomBytes(10_000));
    await Promise.all(streams.map((stream) => stream.until(({ received }) => received === 10_000)));
    await client.close();
  };
  for (let i = 0; i < 100; i++) await once();
  const [memory, descriptors] = [relay.rss(), relay.descriptors()];
  for (let i = 0; i < 200; i++) await once();
  await expect.poll(() => relay.descriptors()).toBeLessThanOrEqual(descriptors + 2);
  expect(relay.rss() - memory).toBeLessThan(32 * MIB);
});
