import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestClient } from "./support/client.ts";
import { TestRedis } from "./support/redis.ts";
import { TestRelay } from "./support/relay.ts";

const REDIS_PORT = 46_379;
const LIMIT = 4429;
const SECRET = "0123456789abcdef0123456789abcdef";
const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

describe.skipIf(!TestRedis.isInstalled())("two relays with one Redis", () => {
  let redis: TestRedis;
  let relays: [TestRelay, TestRelay];

  const config = () => ({
    redis: { url: redis.url },
    tickets: { secret: SECRET },
    auth: { anonymous: true, recheckSeconds: 0.2 },
    limits: { anonymous: { connections: 4, connectsPerMinute: 6, ticketsPerMinute: 5 }, leaseSeconds: 3 },
  });

  beforeEach(async () => {
    redis = await TestRedis.start(REDIS_PORT);
    relays = await Promise.all([TestRelay.start(config()), TestRelay.start(config())]);
  });
  afterEach(async () => {
    await Promise.all(relays.map((relay) => relay.kill()));
    await redis.kill();
  });

  /** 0 for a connection that was let in, else the code that it was closed with. */
  async function enter(relay: TestRelay): Promise<{ code: number; client: TestClient }> {
    const client = await TestClient.open(relay.url, { version: 1 });
    return { client, code: client.window > 0 ? 0 : (await client.closed).code };
  }

  it("have one limit of connections, also when all come at once", async () => {
    const entered = await Promise.all(Array.from({ length: 10 }, (_, i) => enter(relays[i % 2 === 0 ? 0 : 1])));
    expect(entered.filter(({ code }) => code === 0)).toHaveLength(4);
    expect(entered.filter(({ code }) => code === LIMIT)).toHaveLength(6);
    await Promise.all(entered.map(({ client }) => client.close()));
    await expect.poll(async () => (await enter(relays[1])).code).toBe(0);
  });

  it("one of which is killed: its places are free when their leases are over, and not those that are renewed", async () => {
    const kept = [await enter(relays[0]), await enter(relays[0])];
    const lost = [await enter(relays[1]), await enter(relays[1])];
    expect([...kept, ...lost].map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    await relays[1].kill();
    // One that counts nothing by itself yet.
    relays[1] = await TestRelay.start(config());
    expect((await enter(relays[1])).code).toBe(LIMIT);
    const entered: TestClient[] = [];
    await expect
      .poll(
        async () => {
          const { code, client } = await enter(relays[1]);
          if (code === 0) entered.push(client);
          return entered.length;
        },
        { timeout: 30_000, interval: 200 },
      )
      .toBe(2);
    expect((await enter(relays[1])).code).toBe(LIMIT);
  });

  it("have one limit of connects and tickets a minute", async () => {
    const clients = await Promise.all(relays.map((relay) => TestClient.open(relay.url)));
    const reasons = await Promise.all(
      clients.flatMap((client) => Array.from({ length: 5 }, () => client.connect("10.0.0.1", 80).closed)),
    );
    expect(reasons.filter((reason) => reason === 0x48)).toHaveLength(6);
    expect(reasons.filter((reason) => reason === 0x49)).toHaveLength(4);
    const statuses = await Promise.all(
      relays.flatMap((relay) =>
        Array.from({ length: 4 }, async () => (await fetch(`${relay.httpUrl}/ticket`, { method: "POST" })).status),
      ),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    await Promise.all(clients.map((client) => client.close()));
  });

  it("know each other's tickets and what was revoked", async () => {
    const { path } = (await (await fetch(`${relays[0].httpUrl}/ticket`, { method: "POST" })).json()) as {
      path: string;
    };
    const client = await TestClient.open(`ws://127.0.0.1:${relays[1].port}${path}`);
    const file = join(relays[0].directory, "relay.json");
    const revoked = spawnSync(process.execPath, [MAIN, file, "--revoke-subject", "anonymous:127.0.0.1"]);
    expect(String(revoked.stderr)).toBe("");
    expect((await client.closed).code).toBe(4401);
    await expect(TestClient.open(relays[0].url)).rejects.toThrow("403");
  });

  it("go on by themselves when Redis is gone, each with the limit, and say so", async () => {
    const before = await enter(relays[0]);
    await redis.kill();
    for (const relay of relays) {
      const entered = await Promise.all(Array.from({ length: 6 }, () => enter(relay)));
      expect(entered.filter(({ code }) => code === 0)).toHaveLength(relay === relays[0] ? 3 : 4);
      const clients = entered.filter(({ code }) => code === 0).map(({ client }) => client);
      const reasons = await Promise.all(Array.from({ length: 8 }, () => clients[0]?.connect("10.0.0.1", 80).closed));
      expect(reasons.filter((reason) => reason === 0x48)).toHaveLength(6);
      expect(await relay.metric("shared_limits_unavailable_total")).toBeGreaterThan(0);
    }
    expect(before.client.socket.readyState).toBe(1);
    redis = await TestRedis.start(REDIS_PORT);
    await expect
      .poll(
        () =>
          spawnSync("redis-cli", ["-p", String(REDIS_PORT), "zcard", "warmboot-relay:lease:anonymous:127.0.0.1"])
            .stdout.toString()
            .trim(),
        { timeout: 30_000 },
      )
      .toBe("8");
  });
});
