import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { readRelayAddress } from "../../runtime-sdk/src/net/relay/relay-address.ts";
import { RelayLink, type RelayState } from "../../runtime-sdk/src/net/relay/relay-link.ts";
import type { RelaySocket } from "../../runtime-sdk/src/net/relay/socket.ts";
import { echo, Internet } from "./support/internet.ts";
import { TestRelay } from "./support/relay.ts";

const SITE = "93.184.216.34";
const NTP = 123;

let internet: Internet;
let relay: TestRelay;
let directory: string;
let key: CryptoKey;

beforeAll(async () => {
  internet = await Internet.open([80], echo);
  directory = mkdtempSync(join(tmpdir(), "warmboot-relay-link-"));
  const pair = await generateKeyPair("EdDSA", { extractable: true });
  key = pair.privateKey;
  const keysFile = join(directory, "keys.json");
  writeFileSync(
    keysFile,
    JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: "one", alg: "EdDSA" }] }),
  );
  relay = await TestRelay.start({
    auth: { jwt: { issuer: "i", audience: "a", algorithms: ["EdDSA"], keysFile, clockSkewSeconds: 0 } },
    policy: { udpPorts: [NTP] },
  });
});
afterAll(async () => {
  await relay.kill();
  await internet.close();
  rmSync(directory, { recursive: true });
});

const token = (seconds: number) =>
  new SignJWT({ iss: "i", aud: "a", sub: "alice" })
    .setProtectedHeader({ alg: "EdDSA", kid: "one" })
    .setIssuedAt()
    .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
    .sign(key);

/** The library's own link to a relay, and what it went through. */
function openLink(credentials: () => Promise<{ token: string | null; isFinal: boolean }>) {
  const states: RelayState[] = [];
  const link = new RelayLink({
    openSocket: (url, protocols, maxPayload) => new WebSocket(url, protocols, { maxPayload }) as unknown as RelaySocket,
    credentials,
    changed: (state) => states.push(state),
    overrun: () => {},
  });
  link.use(readRelayAddress(`ws://127.0.0.1:${relay.port}/`, false));
  return { link, states };
}

/** What comes back over a stream of the link for `message`. */
function answer(link: RelayLink, port: number, isTcp: boolean, message: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = link.connection?.open(SITE, port, isTcp, {
      connected: () => isTcp && stream?.write(Buffer.from(message)),
      data(bytes: Uint8Array) {
        resolve(Buffer.from(bytes).toString());
        stream?.close(2);
      },
      ended: () => {},
      closed: (reason: number) => reject(new Error(`closed with ${reason}`)),
      drained: () => {},
    });
    if (!stream) reject(new Error("the link is not online"));
    // Nobody is connected to for datagrams: the first may go at once.
    else if (!isTcp) stream.write(Buffer.from(message));
  });
}

it("the library's link gets a ticket for a token, carries streams and datagrams, and comes back with a new token when the old one expires", async () => {
  const server = createSocket("udp4");
  server.on("message", (message, { port, address }) => server.send(`heard ${message}`, port, address));
  server.bind(NTP, SITE);
  await once(server, "listening");
  const given: number[] = [];
  const { link, states } = openLink(async () => {
    given.push(given.length === 0 ? 12 : 600);
    return { token: await token(given.at(-1) ?? 0), isFinal: false };
  });
  await expect.poll(() => link.state.state).toBe("online");
  expect(link.connection?.abilities).toMatchObject({ version: 2, udp: true, streamOpen: true, halfClose: true });
  expect(await answer(link, 80, true, "over TCP")).toBe("over TCP");
  expect(await answer(link, NTP, false, "a datagram")).toBe("heard a datagram");
  await expect(answer(link, 53, false, "elsewhere")).rejects.toThrow("closed with 72");
  await expect.poll(() => states.some(({ state }) => state === "lost")).toBe(true);
  expect(states.find(({ state }) => state === "lost")).toMatchObject({ reason: "the credentials have expired" });
  await expect.poll(() => link.state.state).toBe("online");
  expect(given).toEqual([12, 600]);
  expect(await answer(link, 80, true, "again")).toBe("again");
  expect(relay.audit("connection-close")).toMatchObject([{ subject: "alice", code: 4401 }]);
  link.close();
  server.close();
});

it("the library's link says why it is refused", async () => {
  for (const [made, code] of [
    [null, "token-missing"],
    [await token(-1), "token-expired"],
    [`${await token(600)}x`, "token-invalid"],
  ] as const) {
    const { link } = openLink(async () => ({ token: made, isFinal: true }));
    await expect.poll(() => link.state).toMatchObject({ state: "refused", code, retryInMs: null });
    link.close();
  }
});
