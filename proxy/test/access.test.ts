import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTHeaderParameters, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestClient } from "./support/client.ts";
import { ask, askWith, upgrade } from "./support/http.ts";
import { echo, Internet } from "./support/internet.ts";
import { TestRelay } from "./support/relay.ts";

const SITE = "93.184.216.34";
const ORIGIN = "https://app.example";

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

  it("ends the connection when it is older than tokens may be, though it says that it is valid for longer", async () => {
    const { path } = await askWith(relay, token({ iat: now() - 3598, exp: now() + 600 }));
    const client = await TestClient.open(`ws://127.0.0.1:${relay.port}${path}`);
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
