import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestClient } from "./support/client.ts";
import { echo, Internet } from "./support/internet.ts";
import { Child } from "./support/process.ts";
import { TestRelay } from "./support/relay.ts";
import { FORBIDDEN, PUBLIC } from "./support/spellings.ts";

let internet: Internet;

beforeAll(async () => {
  internet = await Internet.open([80, 22, 25, 53, 6379, 65535], echo);
});
afterAll(() => internet.close());
beforeEach(() => {
  internet.hits.length = 0;
});

const BLOCKED = 0x48;
const INVALID = 0x41;
const UNREACHABLE = 0x42;

describe("the relay", () => {
  let relay: TestRelay;
  let client: TestClient;

  beforeAll(async () => {
    relay = await TestRelay.start();
    client = await TestClient.open(relay.url);
  });
  afterAll(async () => {
    await client.close();
    await relay.kill();
  });

  it.each(FORBIDDEN.map((host) => [JSON.stringify(host), host]))("does not connect to %s", async (_, host) => {
    const reason = await client.connect(host, 80).closed;
    expect([BLOCKED, INVALID, UNREACHABLE]).toContain(reason);
    expect(internet.hits).toEqual([]);
  });

  it.each(PUBLIC.map((host) => [host]))("connects to %s, which is public", async (host) => {
    const stream = client.connect(host, 80);
    stream.send("hello");
    await stream.until(({ received }) => received === 5);
    expect(stream.text).toBe("hello");
    expect(internet.hits).toEqual([host]);
    stream.close();
    await stream.closed;
  });

  it.each([0, 22, 25, 53, 6379, 65535])("does not connect to port %i", async (port) => {
    expect(await client.connect("93.184.216.34", port).closed).toBe(BLOCKED);
    expect(internet.hits).toEqual([]);
  });

  it.each([0, 2, 3, 255])("does not know streams of type %i", async (type) => {
    expect(await client.connect("93.184.216.34", 80, type).closed).toBe(INVALID);
    expect(internet.hits).toEqual([]);
  });

  it("does not connect to itself, by any of its addresses", async () => {
    for (const host of ["127.0.0.1", "45.33.32.156", "::1"])
      for (const port of [relay.port, relay.operationsPort])
        expect(await client.connect(host, port).closed).toBe(BLOCKED);
  });
});

describe("addresses that the operator opened", () => {
  it("are reached on their ports, and nothing else is", async () => {
    const relay = await TestRelay.start({
      policy: {
        allowAddresses: [
          { range: "10.9.0.0/24", ports: [22] },
          { range: "fd00:9::/64", ports: [80] },
        ],
      },
    });
    const client = await TestClient.open(relay.url);
    const open = async (host: string, port: number) => {
      const stream = client.connect(host, port);
      stream.send("hello");
      await stream.until(({ received }) => received === 5);
    };
    await open("10.9.0.7", 22);
    await open("fd00:9::7", 80);
    expect(internet.hits).toEqual(["10.9.0.7", "fd00:9::7"]);
    for (const [host, port] of [
      ["10.9.0.7", 80],
      ["10.9.1.1", 22],
      ["10.8.255.255", 22],
      ["93.184.216.34", 22],
      ["127.0.0.1", 22],
      ["fd00:9:0:1::1", 80],
    ] as const)
      expect(await client.connect(host, port).closed, host).toBe(BLOCKED);
    expect(internet.hits).toHaveLength(2);
    await client.close();
    await relay.kill();
  });

  it("may be its own machine, when that is said, but never its own listeners", async () => {
    // WHY not one of those that the kernel gives to connections: it could have.
    const port = 7070;
    const relay = await TestRelay.start({
      listen: { port },
      policy: { allowAddresses: [{ range: "127.0.0.0/8", ports: [22, port], loopback: true }] },
    });
    const client = await TestClient.open(relay.url);
    const stream = client.connect("127.0.0.1", 22);
    stream.send("x");
    await stream.until(({ received }) => received === 1);
    expect(await client.connect("127.0.0.1", port).closed).toBe(BLOCKED);
    await client.close();
    await relay.kill();
  });
});

describe("report mode", () => {
  it("opens what a rule forbids and says so, but keeps to public addresses", async () => {
    const relay = await TestRelay.start({ policy: { mode: "report", denyHosts: ["93.184.216.34"] } });
    const client = await TestClient.open(relay.url);
    const stream = client.connect("93.184.216.34", 22);
    stream.send("x");
    await stream.until(({ received }) => received === 1);
    expect(await relay.audited("stream-open")).toMatchObject({ host: "93.184.216.34", violation: "port-denied" });
    for (const host of ["10.0.0.1", "127.0.0.1", "169.254.169.254"])
      expect(await client.connect(host, 22).closed).toBe(BLOCKED);
    expect(await client.connect("93.184.216.34", 0).closed).toBe(BLOCKED);
    expect(internet.hits).toEqual(["93.184.216.34"]);
    await client.close();
    await relay.kill();
  });
});

describe("the same list against wisp-js's server, as a control", () => {
  it("reaches what it must not", async () => {
    const control = new Child(process.execPath, [fileURLToPath(new URL("./support/control.mjs", import.meta.url))]);
    const port = await control.line((line) => /^port (\d+)$/.exec(line)?.[1]);
    const client = await TestClient.open(`ws://127.0.0.1:${port}/`, { version: 1 });
    const reached: string[] = [];
    for (const host of FORBIDDEN) {
      internet.hits.length = 0;
      const stream = client.connect(host, 80);
      stream.send("x");
      await Promise.race([stream.closed, stream.until(({ received }) => received === 1).catch(() => {})]);
      if (internet.hits.length > 0) reached.push(host);
    }
    console.log(`wisp-js was led to ${reached.length} of ${FORBIDDEN.length} forbidden destinations`);
    expect(reached).toEqual(
      expect.arrayContaining(["", "::ffff:127.0.0.1", "168.63.129.16", "64:ff9b::a00:1", "2002:a00:1::1", "fd00::1"]),
    );
    expect(reached.length).toBeGreaterThanOrEqual(40);
    await client.close();
    await control.kill();
  });
});
