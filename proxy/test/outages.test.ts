import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { EXTENSION } from "warmboot/wisp";
import { encodeAnswer, RCODE, RECORD_TYPE } from "../src/dns/message.ts";
import { TestClient } from "./support/client.ts";
import { echo, Internet } from "./support/internet.ts";
import { NameServer } from "./support/name-server.ts";
import { ask } from "./support/questions.ts";
import { TestRedis } from "./support/redis.ts";
import { TestRelay } from "./support/relay.ts";

const SITE = "93.184.216.34";
const RESOLVER = { extensions: new Map([[EXTENSION.RESOLVER, new Uint8Array(0)]]) };
const REDIS_PORT = 46_380;

let internet: Internet;
let relay: TestRelay | null = null;

beforeAll(async () => {
  internet = await Internet.open([80], echo);
});
afterEach(async () => {
  await relay?.kill();
  relay = null;
});
afterAll(() => internet.close());

async function echoes(client: TestClient): Promise<void> {
  const stream = client.connect(SITE, 80);
  stream.send("hello");
  await stream.until(({ received }) => received === 5);
  stream.close();
  await stream.closed;
}

describe("a name server that is away", () => {
  it("is passed over for the next, whether it refuses or is silent", async () => {
    const names = await NameServer.open();
    const data = Buffer.from([0, 10, 1, 0x61, 0]);
    names.zones.set("mail.example", (question) =>
      encodeAnswer(question, RCODE.NOERROR, [{ type: RECORD_TYPE.MX, ttlSeconds: 60, data }]),
    );
    names.set("site.example", SITE);
    const silent = createSocket("udp4").bind(0, "127.0.0.1");
    await once(silent, "listening");
    for (const first of ["127.0.0.1:1", `127.0.0.1:${silent.address().port}`]) {
      relay = await TestRelay.start({ dns: { servers: [first, `127.0.0.1:${names.port}`], timeoutSeconds: 20 } });
      const client = await TestClient.open(relay.url, RESOLVER);
      const stream = client.connect("resolver.arpa", 53);
      expect(await ask(stream, "mail.example", RECORD_TYPE.MX), first).toMatchObject({
        rcode: RCODE.NOERROR,
        answers: 1,
      });
      expect(await ask(stream, "site.example", RECORD_TYPE.A), first).toMatchObject({
        rcode: RCODE.NOERROR,
        answers: 1,
      });
      await client.close();
      await relay.kill();
    }
    silent.close();
    await names.close();
  });
});

describe.skipIf(!TestRedis.isInstalled())("a Redis that is there and says nothing", () => {
  it("holds nobody up for long: each relay counts for itself, says so, and comes back to it", async () => {
    const redis = await TestRedis.start(REDIS_PORT);
    relay = await TestRelay.start({ redis: { url: redis.url }, auth: { anonymous: true, recheckSeconds: 0.1 } });
    const client = await TestClient.open(relay.url);
    await echoes(client);
    redis.signal("SIGSTOP");
    await echoes(client);
    await relay.audited("redis-failed");
    const { metric, url } = { metric: relay.metric.bind(relay), url: relay.url };
    // A second each, if every one waited for Redis.
    await Promise.all(Array.from({ length: 20 }, () => echoes(client)));
    for (let i = 0; i < 20; i++) await echoes(client);
    await (await TestClient.open(url)).close();
    expect(await metric("shared_limits_unavailable_total")).toBeGreaterThan(0);
    expect(await metric("revocations_unknown_total")).toBeGreaterThan(1);
    expect(relay.audit("revocations-unknown")).toHaveLength(1);
    redis.signal("SIGCONT");
    const keys = () => spawnSync("redis-cli", ["-p", String(REDIS_PORT), "keys", "*connects*"]).stdout.toString();
    spawnSync("redis-cli", ["-p", String(REDIS_PORT), "flushall"]);
    await expect
      .poll(async () => {
        await echoes(client);
        return keys();
      })
      .toContain("warmboot-relay:rate:connects");
    await client.close();
    await redis.kill();
  });
});

describe("a relay that cannot listen", () => {
  it.each(["listen", "operations"])("ends, and says that it is %s", async (key) => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    // Redis is what kept it alive, with nothing to do.
    const redis = { url: "redis://127.0.0.1:1" };
    await expect(TestRelay.start({ redis, [key]: { port } })).rejects.toThrow(
      `${key}: cannot listen on 127.0.0.1 port ${port}: EADDRINUSE`,
    );
    taken.close();
  });
});

describe("a relay without descriptors", () => {
  it("refuses what needs one, and goes on", async () => {
    relay = await TestRelay.start();
    const client = await TestClient.open(relay.url);
    await echoes(client);
    const limit = relay.descriptors() + 20;
    spawnSync("prlimit", ["--pid", String(relay.pid), `--nofile=${limit}:${limit}`]);
    const streams = Array.from({ length: 60 }, () => client.connect(SITE, 80));
    const reasons = new Set<number>();
    await expect
      .poll(() => {
        for (const { reason } of streams) if (reason !== null) reasons.add(reason);
        return streams.filter(({ reason }) => reason !== null).length;
      })
      .toBeGreaterThan(30);
    expect([...reasons]).toEqual([3]);
    const turnedAway = await TestClient.open(relay.url).then(
      () => false,
      () => true,
    );
    expect(turnedAway).toBe(true);
    for (const stream of streams) stream.close();
    await Promise.all(streams.map(({ closed }) => closed));
    await echoes(client);
    await echoes(await TestClient.open(relay.url));
    expect(relay.isRunning).toBe(true);
    await client.close();
  });
});
