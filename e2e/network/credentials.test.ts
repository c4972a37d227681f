/** A relay that wants to know who comes. */
import { SignJWT } from "jose";
import { expect, it } from "vitest";
import { setUp } from "./support/set-up.ts";

const SECRET = "a secret of these tests, which nobody else has";
const AUTH = {
  jwt: {
    issuer: "https://issuer.example",
    audience: "relay",
    algorithms: ["HS256"],
    secret: SECRET,
    maxAgeSeconds: 3600,
  },
};

const at = setUp();

function token(subject: string, secret = SECRET): Promise<string> {
  return new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer("https://issuer.example")
    .setAudience("relay")
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime("30m")
    .setJti(subject)
    .sign(new TextEncoder().encode(secret));
}

it("is shown a fresh token by each connection", async () => {
  await at.lab.relay.kill();
  await at.lab.startRelay(undefined, AUTH);
  const guest = await at.lab.start({ tokens: await Promise.all(["first", "second"].map((name) => token(name))) });
  await guest.machine.until("online");
  expect(await guest.run("curl -sS http://site.example/")).toBe("http site.example\n");
  expect(await at.lab.relay.audited("stream-open", ({ host }) => host === "site.example")).toMatchObject({
    subject: "first",
  });

  const lost = guest.machine.until("lost");
  await at.lab.relay.kill();
  await lost;
  await at.lab.startRelay(undefined, AUTH);
  await guest.machine.until("online");
  expect(await guest.run("curl -sS http://site.example/")).toBe("http site.example\n");
  expect(await at.lab.relay.audited("stream-open", ({ host }) => host === "site.example")).toMatchObject({
    subject: "second",
  });
  await guest.machine.close();
});

it("refuses one that it does not know, and says why", async () => {
  // The machine without a token that the tests began with, too.
  await at.guest.machine.until("refused");
  expect(await at.guest.machine.refusal()).toBe("token-missing");
  const guest = await at.lab.start({
    tokens: [await token("stranger", "another secret of these tests, known to nobody")],
  });
  await guest.machine.until("refused");
  expect(await guest.machine.refusal()).toBe("token-invalid");
  expect((await guest.try("curl -sS -m 100 http://site.example/")).exitCode).toBe(6);
  await guest.machine.close();
});
