import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXTENSION } from "warmboot/wisp";
import { TestClient } from "./support/client.ts";
import { TestRelay } from "./support/relay.ts";

const SITE = "93.184.216.34";
const UDP = 2;
const INVALID = 0x41;
const BLOCKED = 0x48;
const AGREED = { extensions: new Map([[EXTENSION.UDP, new Uint8Array(0)]]) };

let relay: TestRelay;
let server: Socket;
const heard: string[] = [];

beforeAll(async () => {
  server = createSocket("udp4");
  server.on("message", (message, { port, address }) => {
    heard.push(String(message));
    server.send(`heard ${message}`, port, address);
  });
  server.bind(123, SITE);
  await once(server, "listening");
  relay = await TestRelay.start({ policy: { udpPorts: [123, 124] }, timeouts: { streamIdleSeconds: 2 } });
});
afterAll(async () => {
  server.close();
  await relay.kill();
});

describe("datagrams", () => {
  it("go to a public address and port that are allowed, and come back", async () => {
    const client = await TestClient.open(relay.url, AGREED);
    const stream = client.connect(SITE, 123, UDP);
    stream.send("one");
    stream.send("two");
    await stream.until(({ chunks }) => chunks.length === 2);
    expect(stream.chunks.map(String)).toEqual(["heard one", "heard two"]);
    expect(await relay.audited("stream-open")).toMatchObject({ protocol: "udp", host: SITE, port: 123 });
    stream.close();
    expect(await stream.closed).toBe(2);
    await client.close();
  });

  it("go nowhere else", async () => {
    heard.length = 0;
    const client = await TestClient.open(relay.url, AGREED);
    for (const [host, port] of [
      [SITE, 53],
      [SITE, 0],
      ["127.0.0.1", 123],
      ["10.0.0.1", 123],
      ["45.33.32.156", 123],
      ["224.0.0.1", 123],
    ] as const)
      expect(await client.connect(host, port, UDP).closed, `${host}:${port}`).toBe(BLOCKED);
    expect(await client.connect("", 123, UDP).closed).toBe(INVALID);
    expect(heard).toEqual([]);
    await client.close();
  });

  it("are not there for a client that did not agree, nor when no port is allowed", async () => {
    const client = await TestClient.open(relay.url);
    expect(client.offered.has(EXTENSION.UDP)).toBe(true);
    expect(await client.connect(SITE, 123, UDP).closed).toBe(INVALID);
    await client.close();
    const closed = await TestRelay.start();
    for (const version of [1, 2] as const) {
      const other = await TestClient.open(closed.url, { ...AGREED, version });
      expect(other.offered.has(EXTENSION.UDP)).toBe(false);
      expect(await other.connect(SITE, 123, UDP).closed).toBe(INVALID);
      await other.close();
    }
    await closed.kill();
  });

  it("that nobody takes leave no descriptors, and silence ends the stream", async () => {
    const client = await TestClient.open(relay.url, AGREED);
    const before = relay.descriptors();
    const streams = Array.from({ length: 100 }, () => {
      const stream = client.connect(SITE, 124, UDP);
      stream.send("anybody?");
      return stream;
    });
    for (const stream of streams) expect([0x44, 0x03, 0x47]).toContain(await stream.closed);
    await expect.poll(() => relay.descriptors()).toBeLessThanOrEqual(before + 1);
    await client.close();
  });
});
