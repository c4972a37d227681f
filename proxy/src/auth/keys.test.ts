import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, expect, it, vi } from "vitest";
import { openKeys } from "./keys.ts";
import { TokenVerifier } from "./tokens.ts";

const RULES = {
  issuer: "https://issuer.example",
  audience: "warmboot-relay",
  algorithms: ["EdDSA"],
  maxAgeSeconds: 86_400,
  clockSkewSeconds: 0,
};

const sign = (kid: string, key: CryptoKey) =>
  new SignJWT({ jti: "one" })
    .setProtectedHeader({ alg: "EdDSA", kid })
    .setIssuer(RULES.issuer)
    .setAudience(RULES.audience)
    .setSubject("alice")
    .setIssuedAt()
    .setExpirationTime("10h")
    .sign(key);

afterEach(() => {
  vi.useRealTimers();
});

it("keys at a URL are fetched anew for a key that is not known, not more often than twice a minute, and those that are gone hold no more", async () => {
  // WHY only the clock: requests need the timers.
  vi.useFakeTimers({ toFake: ["Date"] });
  const pairs = await Promise.all(["one", "two"].map(() => generateKeyPair("EdDSA")));
  const [one, two] = pairs;
  if (!one || !two) throw new Error("two pairs were made");
  const served = async (kid: string, key: CryptoKey) => ({ ...(await exportJWK(key)), kid, alg: "EdDSA" });
  let keys: unknown[] = [await served("one", one.publicKey)];
  let status = 200;
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ keys }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const keysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  const verifier = new TokenVerifier(RULES, openKeys({ keysUrl }));
  const verify = async (kid: string, key: CryptoKey) =>
    await verifier.verify(`Bearer ${await sign(kid, key)}`).then(
      ({ subject }) => subject,
      ({ code }: { code: string }) => code,
    );

  expect(await verify("one", one.privateKey)).toBe("alice");
  expect(await verify("one", one.privateKey)).toBe("alice");
  expect(requests).toBe(1);

  // The new key is served, and tokens of it come at once.
  keys = [...keys, await served("two", two.publicKey)];
  for (let i = 0; i < 5; i++) expect(await verify("two", two.privateKey)).toBe("token-invalid");
  expect(requests).toBe(1);
  vi.setSystemTime(Date.now() + 31_000);
  expect(await verify("two", two.privateKey)).toBe("alice");
  expect(await verify("one", one.privateKey)).toBe("alice");
  expect(requests).toBe(2);

  // The old key is taken back; it is known until the keys are read again, after ten minutes at the latest.
  keys = keys.slice(1);
  vi.setSystemTime(Date.now() + 601_000);
  expect(await verify("one", one.privateKey)).toBe("token-invalid");
  expect(await verify("two", two.privateKey)).toBe("alice");

  status = 500;
  vi.setSystemTime(Date.now() + 601_000);
  expect(await verify("two", two.privateKey)).toBe("unavailable");
  server.close();
});
