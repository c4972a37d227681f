import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { TestClient } from "./support/client.ts";
import { echo, Internet } from "./support/internet.ts";
import { TestRelay } from "./support/relay.ts";

const SITE = "93.184.216.34";
const ORIGIN = "https://app.example";

/** What the relay answers, as far as it is looked at. */
interface Answer {
  readonly status: number;
  readonly code?: string;
  readonly ticket?: string;
  readonly path?: string;
  readonly headers: Headers;
}

let internet: Internet;
let relay: TestRelay;
let keysDirectory: string;
let keys: { privateKey: CryptoKey; publicKey: CryptoKey };

const jwt = (directory: string) => ({
  issuer: "https://issuer.example",
  audience: "warmboot-relay",
  algorithms: ["EdDSA"],
  keysFile: join(directory, "keys.json"),
  maxAgeSeconds: 3600,
  clockSkewSeconds: 0,
});

async function writeKeys(file: string, publicKey: CryptoKey, kid: string): Promise<void> {
  writeFileSync(`${file}.new`, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: "EdDSA" }] }));
  renameSync(`${file}.new`, file);
}

async function token(
  claims: Record<string, unknown> = {},
  header: Partial<JWTHeaderParameters> = {},
  key = keys.privateKey,
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({
    iss: "https://issuer.example",
    aud: "warmboot-relay",
    sub: "alice",
    iat: now,
    exp: now + 600,
    jti: "token-1",
    ...claims,
  })
    .setProtectedHeader({ alg: "EdDSA", kid: "one", ...header })
    .sign(key);
}

async function ask(of: TestRelay, headers: Record<string, string> = {}, method = "POST"): Promise<Answer> {
  const response = await fetch(`${of.httpUrl}/ticket`, { method, headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, ...(text && (JSON.parse(text) as object)) };
}

const askWith = async (of: TestRelay, jwt: string | Promise<string>) =>
  ask(of, { Authorization: `Bearer ${await jwt}` });

/** The status of an upgrade that is not one, or 101. */
function upgrade(of: TestRelay, path: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      port: of.port,
      path,
      headers: {
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        ...headers,
      },
    });
    outgoing.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    outgoing.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

beforeAll(async () => {
  internet = await Internet.open([80], echo);
  keys = await generateKeyPair("EdDSA", { extractable: true });
  const directory = mkdtempSync(join(tmpdir(), "warmboot-relay-keys-"));
  await writeKeys(join(directory, "keys.json"), keys.publicKey, "one");
  writeFileSync(join(directory, "revoked.json"), "{}");
  relay = await TestRelay.start({
    auth: { jwt: jwt(directory), revocationsFile: join(directory, "revoked.json"), recheckSeconds: 0.2 },
    origins: [ORIGIN],
    timeouts: { headersSeconds: 1 },
    tickets: { lifetimeSeconds: 2 },
  });
  keysDirectory = directory;
});
afterAll(async () => {
  await relay.kill();
  rmSync(keysDirectory, { recursive: true });
  await internet.close();
});

describe("a token", () => {
  it("gets a ticket, and the ticket a connection", async () => {
    const answer = await askWith(relay, token());
    expect(answer).toMatchObject({ status: 200, expiresInSeconds: 2, limits: { streamsPerConnection: 4096 } });
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const client = await TestClient.open(`ws://127.0.0.1:${relay.port}${answer.path}`);
    const stream = client.connect(SITE, 80);
    stream.send("x");
    await stream.until(({ received }) => received === 1);
    expect(await relay.audited("stream-open")).toMatchObject({ subject: "alice", host: SITE });
    await client.close();
  });

  const now = () => Math.floor(Date.now() / 1000);
  const segments = async () => (await token()).split(".") as [string, string, string];
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const bad: [string, string, () => Promise<string>][] = [
    ["of garbage", "token-invalid", async () => "garbage"],
    ["of two parts", "token-invalid", async () => (await segments()).slice(0, 2).join(".")],
    ["that has expired", "token-expired", () => token({ exp: now() - 10 })],
    ["that is not valid yet", "token-invalid", () => token({ nbf: now() + 300 })],
    ["without an expiry", "token-invalid", () => token({ exp: undefined })],
    ["with an expiry in words", "token-invalid", () => token({ exp: "tomorrow" })],
    ["without a time of issue", "token-invalid", () => token({ iat: undefined })],
    ["that is too old", "token-expired", () => token({ iat: now() - 4000 })],
    ["without a subject", "token-invalid", () => token({ sub: undefined })],
    ["with an endless subject", "token-invalid", () => token({ sub: "x".repeat(300) })],
    ["for another audience", "token-invalid", () => token({ aud: "other" })],
    ["of another issuer", "token-invalid", () => token({ iss: "https://evil.example" })],
    ["of another key", "token-invalid", async () => token({}, {}, (await generateKeyPair("EdDSA")).privateKey)],
    [
      "with a critical header that is not known",
      "token-invalid",
      () =>
        token({}, { crit: ["x"], x: 1 } as Partial<JWTHeaderParameters>).catch(async () => {
          const [, payload, signature] = await segments();
          return `${encoded({ alg: "EdDSA", kid: "one", crit: ["x"], x: 1 })}.${payload}.${signature}`;
        }),
    ],
    ["with a key id that is a path", "token-invalid", () => token({}, { kid: "../../etc/passwd" })],
    [
      "that was changed",
      "token-invalid",
      async () => {
        const [header, , signature] = await segments();
        return `${header}.${encoded({ iss: "https://issuer.example", aud: "warmboot-relay", sub: "root", iat: now(), exp: now() + 60 })}.${signature}`;
      },
    ],
    [
      "without a signature",
      "token-invalid",
      async () => {
        const [, payload] = await segments();
        return `${encoded({ alg: "none" })}.${payload}.`;
      },
    ],
    [
      "with an empty signature and alg none",
      "token-invalid",
      async () => {
        const [, payload] = await segments();
        return `${encoded({ alg: "none" })}.${payload}.AA`;
      },
    ],
    [
      "signed by HS256 with the public key",
      "token-invalid",
      async () => {
        const secret = new TextEncoder().encode(await exportSPKI(keys.publicKey));
        return new SignJWT({
          iss: "https://issuer.example",
          aud: "warmboot-relay",
          sub: "a",
          iat: now(),
          exp: now() + 60,
        })
          .setProtectedHeader({ alg: "HS256", kid: "one" })
          .sign(secret);
      },
    ],
    ["of ten thousand characters", "token-invalid", async () => `${"a".repeat(10_000)}.b.c`],
  ];
  it.each(bad)("%s gets none", async (_, code, make) => {
    const answer = await askWith(relay, make());
    expect(answer).toMatchObject({ status: 401, code });
    expect(answer.ticket).toBeUndefined();
  });

  it("that is missing, or in another scheme, gets none", async () => {
    expect(await ask(relay)).toMatchObject({ status: 401, code: "token-missing" });
    expect(await ask(relay, { Authorization: "Basic YTpi" })).toMatchObject({ status: 401, code: "token-invalid" });
    expect(await ask(relay, { Authorization: `Bearer ${await token()} x` })).toMatchObject({
      status: 401,
      code: "token-invalid",
    });
  });

  it("of a megabyte is not even read", async () => {
    const response = await fetch(`${relay.httpUrl}/ticket`, {
      method: "POST",
      headers: { Authorization: `Bearer ${"a".repeat(1_000_000)}` },
    }).catch(() => null);
    expect([null, 400, 431]).toContain(response?.status ?? null);
  });

  it("ends the connection when it expires", async () => {
    const { path } = await askWith(relay, token({ exp: now() + 2 }));
    const client = await TestClient.open(`ws://127.0.0.1:${relay.port}${path}`);
    const stream = client.connect(SITE, 80);
    stream.send("x");
    await stream.until(({ received }) => received === 1);
    expect((await client.closed).code).toBe(4401);
  });

  it("that is revoked, or whose subject is, loses its connection, and gets no other", async () => {
    const revoke = (list: object) => {
      writeFileSync(join(keysDirectory, "revoked.new"), JSON.stringify(list));
      renameSync(join(keysDirectory, "revoked.new"), join(keysDirectory, "revoked.json"));
    };
    for (const list of [{ tokens: ["token-9"] }, { subjects: ["mallory"] }]) {
      const one = await askWith(relay, token({ jti: "token-9", sub: "mallory" }));
      const client = await TestClient.open(`ws://127.0.0.1:${relay.port}${one.path}`);
      revoke(list);
      expect((await client.closed).code).toBe(4401);
      expect(await askWith(relay, token({ jti: "token-9", sub: "mallory" }))).toMatchObject({
        status: 403,
        code: "subject-denied",
      });
      expect(await upgrade(relay, one.path ?? "")).toBe(403);
      expect(await askWith(relay, token())).toMatchObject({ status: 200 });
      revoke({});
      await sleep(20);
    }
  });

  it("is checked by the newest keys", async () => {
    const file = join(keysDirectory, "keys.json");
    const next = await generateKeyPair("EdDSA", { extractable: true });
    const signed = () => token({}, { kid: "two" }, next.privateKey);
    expect(await askWith(relay, signed())).toMatchObject({ status: 401 });
    await writeKeys(file, next.publicKey, "two");
    expect(await askWith(relay, signed())).toMatchObject({ status: 200 });
    expect(await askWith(relay, token())).toMatchObject({ status: 401 });
    writeFileSync(file, "{ half");
    expect(await askWith(relay, signed())).toMatchObject({ status: 200 });
    await writeKeys(file, keys.publicKey, "one");
    expect(await askWith(relay, token())).toMatchObject({ status: 200 });
  });

  it("and its ticket are in no line that the relay writes", async () => {
    const secret = await token();
    const { ticket, path } = await askWith(relay, secret);
    const client = await TestClient.open(`ws://127.0.0.1:${relay.port}${path}`);
    await client.close();
    await upgrade(relay, `${path}x`);
    const written =
      [...relay.lines, ...relay.errors].join("\n") +
      (await (await fetch(`http://127.0.0.1:${relay.operationsPort}/metrics`)).text());
    for (const part of [...secret.split("."), ...(ticket ?? "").split(".")].filter((each) => each.length > 20))
      expect(written).not.toContain(part);
    expect(written).not.toContain('alice"}');
  });
});

describe("keys at a URL", () => {
  it("are fetched over TLS; while they cannot be had the answer is 503, not a refusal", async () => {
    const [cert, key] = [join(keysDirectory, "cert.pem"), join(keysDirectory, "key.pem")];
    const subject = ["-subj", "/CN=keys", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, ...subject],
      {
        stdio: "ignore",
      },
    );
    const jwks = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "one", alg: "EdDSA" }] });
    const server = createHttpsServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_request, response) =>
      response.end(jwks),
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const keysUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
    const { keysFile: _, ...rules } = jwt(keysDirectory);
    const start = (url: string) =>
      TestRelay.start({ auth: { jwt: { ...rules, keysUrl: url } } }, { NODE_EXTRA_CA_CERTS: cert });
    const [online, offline] = await Promise.all([start(keysUrl), start("https://127.0.0.1:1/jwks.json")]);
    expect(await askWith(online, token())).toMatchObject({ status: 200 });
    expect(await askWith(online, token({ aud: "other" }))).toMatchObject({ status: 401, code: "token-invalid" });
    expect(await askWith(offline, token())).toMatchObject({ status: 503, code: "unavailable" });
    await Promise.all([online.kill(), offline.kill()]);
    server.close();
  });
});

describe("a ticket", () => {
  it.each(["/wisp/", "/wisp/garbage/", "/wisp/a.b.c/", "/wisp/../", `/wisp/${"a".repeat(5000)}/`])(
    "is needed: %s is not one",
    async (path) => {
      expect([401, 404]).toContain(await upgrade(relay, path));
    },
  );

  it("expires", async () => {
    const { path = "" } = await askWith(relay, token());
    expect(await upgrade(relay, path)).toBe(101);
    await expect.poll(() => upgrade(relay, path), { timeout: 10_000 }).toBe(401);
  });

  it("of another relay is none, unless they share the secret", async () => {
    const shared = { tickets: { secret: "0123456789abcdef0123456789abcdef" } };
    const [one, two, three] = await Promise.all([TestRelay.start(shared), TestRelay.start(shared), TestRelay.start()]);
    const { path = "" } = await ask(one);
    expect(await upgrade(two, path)).toBe(101);
    expect(await upgrade(three, path)).toBe(401);
    await Promise.all([one.kill(), two.kill(), three.kill()]);
  });
});

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
    const answer = await ask(relay, { Origin: origin, Authorization: `Bearer ${await token()}` });
    expect(answer).toMatchObject({ status: 403, code: "origin-denied" });
    expect(answer.headers.get("access-control-allow-origin")).toBe(null);
    const { path = "" } = await askWith(relay, token());
    expect(await upgrade(relay, path, { Origin: origin })).toBe(403);
  });

  it("of an origin that is listed gets both, and may read the answers", async () => {
    const answer = await ask(relay, { Origin: ORIGIN, Authorization: `Bearer ${await token()}` });
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
    const { path = "" } = await askWith(relay, token());
    expect(await upgrade(relay, path, { "Sec-WebSocket-Version": "99" })).toBe(400);
    expect(await upgrade(relay, path, { "Sec-WebSocket-Key": "short" })).toBe(400);
    expect(await upgrade(relay, path, { Upgrade: "h2c" })).toBe(400);
  });

  it("only offers what it knows: no other subprotocol is echoed", async () => {
    const { path } = await askWith(relay, token());
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
    expect(await askWith(relay, token())).toMatchObject({ status: 200 });
  });
});

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
