import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { TestClient } from "./support/client.ts";
import { source } from "./support/flows.ts";
import { ask, upgrade } from "./support/http.ts";
import { Internet } from "./support/internet.ts";
import { TestRelay } from "./support/relay.ts";

const SITE = "93.184.216.34";

describe("limits", () => {
  it("of connections are told on the WebSocket", async () => {
    const strict = await TestRelay.start({ limits: { anonymous: { connections: 2 } } });
    const open = () => TestClient.open(strict.url, { version: 1 });
    const clients = await Promise.all([open(), open()]);
    expect((await (await open()).closed).code).toBe(4429);
    await clients[0]?.close();
    await expect
      .poll(async () => {
        const client = await open();
        const ready = client.window > 0;
        client.socket.terminate();
        return ready;
      })
      .toBe(true);
    await clients[1]?.close();
    await strict.kill();
  });

  it("of connects, tickets and attempts a minute", async () => {
    const strict = await TestRelay.start({
      limits: { anonymous: { connectsPerMinute: 3, ticketsPerMinute: 2 }, address: { attemptsPerMinute: 6 } },
    });
    const client = await TestClient.open(strict.url);
    const reasons = await Promise.all(Array.from({ length: 5 }, () => client.connect(SITE, 81).closed));
    expect(reasons.sort()).toEqual([0x48, 0x48, 0x48, 0x49, 0x49]);
    const answers = [await ask(strict), await ask(strict), await ask(strict)];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]).toMatchObject({ code: "limit-tickets" });
    expect(Number(answers[2]?.headers.get("retry-after"))).toBeGreaterThan(0);
    await ask(strict);
    await ask(strict);
    expect(await ask(strict)).toMatchObject({ status: 429, code: "limit-attempts" });
    expect(await upgrade(strict, "/wisp/")).toBe(429);
    await client.close();
    await strict.kill();
  });

  it("of connects do not fill the log: what is turned away for them is written so often, then only counted", async () => {
    const strict = await TestRelay.start({
      limits: { anonymous: { connectsPerMinute: 3, streamsPerConnection: 1000 } },
    });
    const client = await TestClient.open(strict.url);
    await Promise.all(Array.from({ length: 400 }, () => client.connect(SITE, 81).closed));
    expect(await strict.metric("streams_total", 'outcome="limit-connects"')).toBe(397);
    expect(strict.audit("stream-close").filter(({ reason }) => reason === "port-denied")).toHaveLength(3);
    expect(strict.audit("stream-close").filter(({ reason }) => reason === "limit-connects")).toHaveLength(100);
    await client.close();
    await strict.kill();
  });

  it("of bytes a second hold for who connects anew, too", async () => {
    const internet = await Internet.open([80], (socket) => source(4_000_000).serve(socket));
    const strict = await TestRelay.start({ limits: { anonymous: { downBytesPerSecond: 1_000_000 } } });
    const started = performance.now();
    let received = 0;
    for (let i = 0; i < 8; i++) {
      const client = await TestClient.open(strict.url, { version: 1 });
      const stream = client.connect(SITE, 80);
      await stream.until((each) => each.received > 600_000);
      received += stream.received;
      await client.close();
    }
    // A second's worth may come at once; all else takes its time, whatever the computer does meanwhile.
    expect(received / (performance.now() - started + 1000)).toBeLessThan(1_100);
    await strict.kill();
    await internet.close();
  });

  it("of sockets of one address hold before there is a request", async () => {
    const strict = await TestRelay.start({ limits: { address: { sockets: 10 } } });
    const sockets = Array.from({ length: 30 }, () => connect(strict.port, "127.0.0.1").on("error", () => {}));
    const closed = () => sockets.filter((socket) => socket.closed || socket.readableEnded).length;
    for (const socket of sockets) socket.resume();
    await expect.poll(closed).toBe(20);
    for (const socket of sockets) socket.destroy();
    await strict.kill();
  });

  it("count an address as the proxy tells it, if it is trusted, and a whole /64", async () => {
    const limits = { limits: { anonymous: { connections: 1 } } };
    const [behind, open] = await Promise.all([
      TestRelay.start({ ...limits, trustedProxies: ["127.0.0.1", "10.0.0.0/8"] }),
      TestRelay.start(limits),
    ]);
    const code = async (of: TestRelay, forwarded: string) => {
      const client = await TestClient.open(of.url, {
        version: 1,
        ws: { headers: { "X-Forwarded-For": forwarded, "X-Real-IP": forwarded, Forwarded: `for=${forwarded}` } },
      });
      return client.window > 0 ? 0 : (await client.closed).code;
    };
    expect(await code(behind, "8.8.8.8")).toBe(0);
    expect(await code(behind, "8.8.4.4")).toBe(0);
    expect(await code(behind, "1.1.1.1, 8.8.4.4, 10.1.2.3")).toBe(4429);
    expect(await code(behind, "2001:4860::1")).toBe(0);
    expect(await code(behind, "2001:4860::2")).toBe(4429);
    expect(await code(behind, "2001:4860:0:1::2")).toBe(0);
    // Without a trusted proxy what a client says of itself is nothing.
    expect(await code(open, "8.8.8.8")).toBe(0);
    expect(await code(open, "8.8.4.4")).toBe(4429);
    expect(open.audit("connection-open").map(({ client }) => client)).toEqual(["127.0.0.1"]);
    await Promise.all([behind.kill(), open.kill()]);
  });
});
