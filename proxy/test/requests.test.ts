import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ask, upgrade } from "./support/http.ts";
import { TestRelay } from "./support/relay.ts";

const ORIGIN = "https://app.example";

let relay: TestRelay;

beforeAll(async () => {
  relay = await TestRelay.start({ origins: [ORIGIN], timeouts: { headersSeconds: 1 } });
});
afterAll(() => relay.kill());

describe("a page", () => {
  const evil = [
    "null",
    "https://evil.example",
    "https://app.example.evil.example",
    "http://app.example",
    "https://app.example:8443",
    "HTTPS://APP.EXAMPLE",
    "",
  ];
  it.each(evil)("of origin %j gets nothing", async (origin) => {
    const answer = await ask(relay, { Origin: origin });
    expect(answer).toMatchObject({ status: 403, code: "origin-denied" });
    expect(answer.headers.get("access-control-allow-origin")).toBe(null);
    const { path = "" } = await ask(relay);
    expect(await upgrade(relay, path, { Origin: origin })).toBe(403);
  });

  it("of an origin that is listed gets both, and may read the answers", async () => {
    const answer = await ask(relay, { Origin: ORIGIN });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    expect(await upgrade(relay, answer.path ?? "", { Origin: ORIGIN })).toBe(101);
    const refused = await ask(relay, { Origin: ORIGIN });
    expect(refused.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    const preflight = await ask(relay, { Origin: ORIGIN, "Access-Control-Request-Method": "POST" }, "OPTIONS");
    expect(preflight).toMatchObject({ status: 204 });
    expect(preflight.headers.get("access-control-allow-headers")).toContain("Authorization");
    expect(await ask(relay, { Origin: "https://evil.example" }, "OPTIONS")).toMatchObject({ status: 403 });
  });
});

describe("HTTP", () => {
  it.each([
    ["/x", 404],
    ["/", 404],
    ["/:22", 404],
    ["//evil/", 404],
    ["/127.0.0.1:22", 404],
    ["/wisp", 404],
    ["/wisp/?token=abc", 404],
    ["http://evil.example/wisp/", 404],
    ["/ticket", 404],
  ])("upgrade to %s", async (path, status) => {
    expect(await upgrade(relay, path)).toBe(status);
    expect(relay.isRunning).toBe(true);
  });

  it("wrong methods, versions and requests", async () => {
    const status = async (path: string, method: string) => (await fetch(`${relay.httpUrl}${path}`, { method })).status;
    expect(await status("/wisp/", "GET")).toBe(426);
    expect(await status("/ticket", "GET")).toBe(405);
    expect(await status("/nothing", "GET")).toBe(404);
    expect(await status("/health", "POST")).toBe(405);
    expect(await status("/metrics", "GET")).toBe(404);
    const { path = "" } = await ask(relay);
    expect(await upgrade(relay, path, { "Sec-WebSocket-Version": "99" })).toBe(400);
    expect(await upgrade(relay, path, { "Sec-WebSocket-Key": "short" })).toBe(400);
    expect(await upgrade(relay, path, { Upgrade: "h2c" })).toBe(400);
  });

  it("only offers what it knows: no other subprotocol is echoed", async () => {
    const { path } = await ask(relay);
    const socket = new WebSocket(`ws://127.0.0.1:${relay.port}${path}`, ["bearer.secret", "wisp-v2"]);
    await once(socket, "open");
    expect(socket.protocol).toBe("wisp-v2");
    socket.terminate();
  });

  it("a thousand requests that never end are cut off", async () => {
    const before = relay.descriptors();
    const sockets = Array.from({ length: 1000 }, () => {
      const socket = connect(relay.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write("GET /wisp/ HTTP/1.1\r\nHost: x\r\nX-Slow: ");
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket.resume(), "close")));
    await expect.poll(() => relay.descriptors()).toBeLessThanOrEqual(before + 3);
    expect(await ask(relay)).toMatchObject({ status: 200 });
  });
});
