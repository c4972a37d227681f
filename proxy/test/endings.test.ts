import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXTENSION } from "warmboot/wisp";
import { BlackHole } from "./support/black-hole.ts";
import { TestClient } from "./support/client.ts";
import { source } from "./support/flows.ts";
import { flood, masked, rawSocket } from "./support/raw-socket.ts";
import { stage } from "./support/stage.ts";

const SITE = "93.184.216.34";
const MIB = 2 ** 20;
const [VOLUNTARY, NETWORK_ERROR, UNREACHABLE, TIMED_OUT, REFUSED, TRANSFER_TIMEOUT] = [2, 3, 0x42, 0x43, 0x44, 0x47];
const NOTHING = new Uint8Array(0);

const lab = stage({ timeouts: { connectSeconds: 1.5, lingerSeconds: 2 }, policy: { ports: [80, 443, 81] } });
let blackHole: BlackHole;

beforeAll(async () => {
  blackHole = await BlackHole.open(443);
});
afterAll(() => blackHole.close());

const HALF_CLOSE = new Map([[EXTENSION.HALF_CLOSE, NOTHING]]);

describe("the end", () => {
  const reversing = (socket: Socket) => {
    const chunks: Buffer[] = [];
    socket.on("data", (data) => chunks.push(data));
    socket.on("end", () => socket.end(`answer to ${Buffer.concat(chunks)}`));
  };

  it("of the client's half leaves the other half open, when both know half-close", async () => {
    lab.serve = reversing;
    const client = await lab.open({ extensions: HALF_CLOSE });
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
    expect(await lab.relay.audited("stream-close")).toMatchObject({ reason: "finished", up: 8, down: 18 });
    await expect.poll(() => lab.internet.connections).toBe(0);
    expect(client.strays).toEqual([]);
  });

  it("of the server's half leaves the client's open, when both know half-close", async () => {
    let got = "";
    lab.serve = (socket) => {
      socket.end("bye");
      socket.on("data", (data) => {
        got += data;
      });
    };
    const client = await lab.open({ extensions: HALF_CLOSE });
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
    expect(await lab.relay.audited("stream-close")).toMatchObject({ reason: "finished", up: 10, down: 3 });
  });

  it("by CLOSE lets the answer come, and is answered by CLOSE, when they do not", async () => {
    lab.serve = reversing;
    for (const version of [1, 2] as const) {
      const client = await lab.open({ version });
      const stream = client.connect(SITE, 80);
      stream.send("question");
      stream.close();
      expect(await stream.closed).toBe(VOLUNTARY);
      expect(stream.text).toBe("answer to question");
    }
  });

  it("by CLOSE is only waited for so long", async () => {
    lab.serve = (socket) => socket.resume();
    const client = await lab.open({ version: 1 });
    const stream = client.connect(SITE, 80);
    stream.send("question");
    await expect.poll(() => lab.internet.connections).toBe(1);
    stream.close();
    expect(await stream.closed).toBe(VOLUNTARY);
    expect(await lab.relay.audited("stream-close")).toMatchObject({ reason: "client-closed", up: 8 });
  });

  it("by CLOSE does not cut off what was sent before, though the server takes longer for it than it is waited for", async () => {
    let read = 0;
    lab.serve = (socket) => {
      const timer = setInterval(() => {
        read += (socket.read() as Buffer | null)?.byteLength ?? 0;
      }, 10);
      socket.on("close", () => clearInterval(timer));
    };
    const client = await lab.open({ version: 1 });
    const stream = client.connect(SITE, 80);
    // More than what kernels keep, and than is read in the two seconds of lingerSeconds.
    const total = 16 * MIB;
    for (let sent = 0; sent < total; sent += 32 * 1024) stream.send(randomBytes(32 * 1024));
    stream.close();
    await stream.closed;
    await expect.poll(() => read, { timeout: 20_000 }).toBe(total);
  });

  it("by CLOSE does not pass on more than the configuration says", async () => {
    await lab.start({ timeouts: { lingerBytes: MIB } });
    lab.serve = (socket) => socket.on("end", () => source(400 * MIB).serve(socket)).resume();
    const client = await lab.open({ version: 1 });
    const stream = client.connect(SITE, 80);
    stream.send("x");
    stream.close();
    expect(await stream.closed).toBe(VOLUNTARY);
    expect(stream.received).toBeLessThanOrEqual(MIB);
    await expect.poll(() => lab.internet.connections).toBe(0);
  });

  it("for another reason ends the server's connection at once, by a reset", async () => {
    const reset = new Promise<string>((resolve) => {
      lab.serve = (socket) => socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "")).resume();
    });
    const client = await lab.open();
    const stream = client.connect(SITE, 80);
    stream.send("x");
    await expect.poll(() => lab.internet.connections).toBe(1);
    stream.close(NETWORK_ERROR);
    expect(await stream.closed).toBe(VOLUNTARY);
    expect(await reset).toBe("ECONNRESET");
  });

  it("of the client's connection ends all its streams' sockets", async () => {
    lab.serve = (socket) => socket.resume();
    const client = await lab.open();
    for (let i = 0; i < 50; i++) client.connect(SITE, 80);
    for (let i = 0; i < 50; i++) client.connect(SITE, 443);
    await expect.poll(() => lab.internet.connections).toBe(50);
    const before = lab.relay.descriptors();
    client.socket.terminate();
    await expect.poll(() => lab.internet.connections).toBe(0);
    await expect.poll(() => lab.relay.metric("streams{")).toBe(0);
    await expect.poll(() => lab.relay.descriptors()).toBeLessThan(before - 90);
    expect(lab.relay.audit("stream-close").filter(({ reason }) => reason === "connection-closed")).toHaveLength(100);
  });
});

describe("a connection that fails says why", () => {
  it.each([
    ["nobody listens", SITE, 81, REFUSED],
    ["there is no way", "21.21.21.21", 80, UNREACHABLE],
    ["nobody answers", SITE, 443, TIMED_OUT],
  ])("%s", async (_, host, port, reason) => {
    const client = await lab.open();
    expect(await client.connect(host, port).closed).toBe(reason);
  });

  it("and one that succeeds is told of, before its first byte", async () => {
    lab.serve = (socket) => socket.resume();
    const client = await lab.open({ extensions: new Map([[EXTENSION.STREAM_OPEN, NOTHING]]) });
    const stream = client.connect(SITE, 80);
    await stream.opened;
    expect(stream.received).toBe(0);
    expect(stream.window).toBe(client.window);
  });
});

describe("time-outs", () => {
  const start = (timeouts: object) => lab.start({ timeouts });

  it("end a stream on which nothing moves", async () => {
    await start({ streamIdleSeconds: 0.5 });
    lab.serve = (socket) => socket.resume();
    const stream = (await lab.open()).connect(SITE, 80);
    expect(await stream.closed).toBe(TRANSFER_TIMEOUT);
    expect(await lab.relay.audited("stream-close")).toMatchObject({ reason: "stream-idle" });
  });

  it("end a stream that is too old, though something moves", async () => {
    await start({ streamLifetimeSeconds: 1, streamIdleSeconds: 60 });
    lab.serve = (socket) => {
      const timer = setInterval(() => socket.write("x"), 50);
      socket.on("close", () => clearInterval(timer)).resume();
    };
    const stream = (await lab.open()).connect(SITE, 80);
    expect(await stream.closed).toBe(TRANSFER_TIMEOUT);
    expect(stream.received).toBeGreaterThan(1);
  });

  it("end a connection that asks for nothing", async () => {
    await start({ connectionIdleSeconds: 0.5 });
    expect(await (await lab.open()).closed).toEqual({ code: 1000, reason: "nothing was asked for" });
  });

  it("end a connection that is too old", async () => {
    await start({ connectionLifetimeSeconds: 0.5 });
    expect((await (await lab.open()).closed).code).toBe(1012);
  });

  it("end a connection whose client does not answer pings", async () => {
    await start({ pingSeconds: 0.2, pongSeconds: 0.3 });
    const silent = await lab.open({ ws: { autoPong: false } });
    const lively = await lab.open();
    expect((await silent.closed).code).toBe(1006);
    let pings = 0;
    lively.socket.on("ping", () => pings++);
    await expect.poll(() => pings).toBeGreaterThan(5);
  });

  it("end a connection whose client makes the relay answer and does not read the answers", async () => {
    await start({ pingSeconds: 0.5, pongSeconds: 1 });
    const socket = await rawSocket(lab.relay.port);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.pause();
    // Pings of 125 bytes: each is owed a pong.
    const pings = Buffer.concat(
      Array.from({ length: 1000 }, () => Buffer.from(masked(0x89, ...new Array<number>(125).fill(0)))),
    );
    await flood(socket, pings, 400);
    await lab.relay.audited("connection-close");
    socket.destroy();
    await closed;
  });
});

it("gives back what it took: 300 connections with streams later, memory and descriptors are where they were", async () => {
  lab.serve = (socket) => socket.pipe(socket);
  const once = async () => {
    const client = await TestClient.open(lab.relay.url);
    const streams = Array.from({ length: 10 }, () => client.connect(SITE, 80));
    for (const stream of streams) stream.send(randomBytes(10_000));
    await Promise.all(streams.map((stream) => stream.until(({ received }) => received === 10_000)));
    await client.close();
  };
  for (let i = 0; i < 100; i++) await once();
  const [memory, descriptors] = [lab.relay.rss(), lab.relay.descriptors()];
  for (let i = 0; i < 200; i++) await once();
  await expect.poll(() => lab.relay.descriptors()).toBeLessThanOrEqual(descriptors + 2);
  expect(lab.relay.rss() - memory).toBeLessThan(32 * MIB);
});
