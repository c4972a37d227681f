import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeAnswer, RCODE, RECORD_TYPE } from "../src/dns/message.ts";
import { TestClient } from "./support/client.ts";
import { echo, Internet } from "./support/internet.ts";
import { addressAnswer, NameServer } from "./support/name-server.ts";
import { TestRelay } from "./support/relay.ts";

const PUBLIC = "93.184.216.34";
const [UNREACHABLE, BLOCKED, INVALID] = [0x42, 0x48, 0x41];

let internet: Internet;
let names: NameServer;
let relay: TestRelay;
let client: TestClient;

beforeAll(async () => {
  internet = await Internet.open([80], echo);
  names = await NameServer.open();
  relay = await TestRelay.start({
    policy: { ipv6: true, denyHosts: ["denied.example", ".denied.example", ".internal"] },
    dns: { servers: [`127.0.0.1:${names.port}`], timeoutSeconds: 2 },
  });
  client = await TestClient.open(relay.url);
});
afterAll(async () => {
  await client.close();
  await relay.kill();
  await names.close();
  await internet.close();
});
beforeEach(() => {
  internet.hits.length = 0;
});

async function reaches(host: string): Promise<void> {
  const stream = client.connect(host, 80);
  stream.send("hello");
  await stream.until(({ received }) => received === 5);
  stream.close();
  await stream.closed;
}

describe("a name", () => {
  it("is resolved and connected to, whatever its case and with one dot after it", async () => {
    names.set("site.example", PUBLIC);
    await reaches("site.example");
    await reaches("SITE.example.");
    expect(internet.hits).toEqual([PUBLIC, PUBLIC]);
    expect(await relay.audited("stream-open")).toMatchObject({ host: "site.example", address: PUBLIC, port: 80 });
  });

  it("reaches IPv6 addresses", async () => {
    names.set("six.example", "2606:4700::1111");
    await reaches("six.example");
    expect(internet.hits).toEqual(["2606:4700::1111"]);
  });

  it("is connected to at its next address when the first does not answer", async () => {
    names.set("two.example", "21.21.21.21", PUBLIC);
    await reaches("two.example");
    expect(internet.hits).toEqual([PUBLIC]);
  });

  it.each([
    ["private", ["10.0.0.1"]],
    ["loopback", ["127.0.0.1"]],
    ["of a metadata service", ["169.254.169.254"]],
    ["public, then private", [PUBLIC, "10.0.0.1"]],
    ["private, then public", ["10.0.0.1", PUBLIC]],
    ["public, with a private AAAA", [PUBLIC, "fd00::1"]],
    ["public, with a mapped AAAA", [PUBLIC, "::ffff:10.0.0.1"]],
    ["only a mapped AAAA", ["::ffff:127.0.0.1"]],
    ["of NAT64", ["64:ff9b::a00:1"]],
    ["0.0.0.0", ["0.0.0.0"]],
    ["the relay's own", ["45.33.32.156"]],
  ])("whose address is %s is blocked", async (_, addresses) => {
    names.set("bad.example", ...addresses);
    expect(await client.connect("bad.example", 80).closed).toBe(BLOCKED);
    expect(internet.hits).toEqual([]);
  });

  it("that is rebound between two answers is never followed inside", async () => {
    names.zones.set("rebind.example", (question, count) =>
      addressAnswer(question, question.type === RECORD_TYPE.A ? [count % 2 === 1 ? PUBLIC : "127.0.0.1"] : []),
    );
    const reasons: (number | null)[] = [];
    for (const gapMs of [0, 0, 1, 1, 119, 121, 0, 0]) {
      const stream = client.connect("rebind.example", 80);
      stream.send("x");
      await stream.until(({ received, reason }) => received === 1 || reason !== null);
      reasons.push(stream.reason);
      await sleep(gapMs);
    }
    expect(reasons).toEqual([null, BLOCKED, null, BLOCKED, null, BLOCKED, null, BLOCKED]);
    expect(new Set(internet.hits)).toEqual(new Set([PUBLIC]));
  });

  it("that the name servers fail on is not connected to, though another answer would follow", async () => {
    names.zones.set("flaky.example", (question, count) =>
      count === 1 ? encodeAnswer(question, RCODE.SERVFAIL) : addressAnswer(question, ["127.0.0.1"]),
    );
    expect([UNREACHABLE, BLOCKED]).toContain(await client.connect("flaky.example", 80).closed);
    names.zones.set("half.example", (question) =>
      question.type === RECORD_TYPE.A ? addressAnswer(question, [PUBLIC]) : encodeAnswer(question, RCODE.SERVFAIL),
    );
    expect(await client.connect("half.example", 80).closed).toBe(UNREACHABLE);
    expect(internet.hits).toEqual([]);
  });

  it("that does not exist, or has no address, is unreachable", async () => {
    names.set("empty.example");
    expect(await client.connect("empty.example", 80).closed).toBe(UNREACHABLE);
    expect(await client.connect("nowhere.example", 80).closed).toBe(UNREACHABLE);
  });

  it("with a thousand addresses is not connected to", async () => {
    const many = Array.from({ length: 1000 }, (_, i) => `11.0.${i >> 8}.${i & 255}`);
    names.set("many.example", ...many);
    expect(await client.connect("many.example", 80).closed).toBe(UNREACHABLE);
    expect(internet.hits).toEqual([]);
  });

  it("that nobody answers for is unreachable when the time is over", async () => {
    names.zones.set("silent.example", () => null);
    expect(await client.connect("silent.example", 80).closed).toBe(UNREACHABLE);
    expect(await relay.audited("stream-close", ({ reason }) => reason === "name-timeout")).toMatchObject({
      host: "silent.example",
    });
  });

  it("that is answered after the client has closed leads to no connection", async () => {
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      names.zones.set("late.example", async (question) => {
        resolve();
        await new Promise<void>((go) => {
          answer = go;
        });
        return addressAnswer(question, [PUBLIC]);
      });
    });
    const stream = client.connect("late.example", 80);
    await asked;
    stream.close();
    expect(await stream.closed).toBe(2);
    answer();
    names.set("after.example", PUBLIC);
    await reaches("after.example");
    expect(internet.hits).toEqual([PUBLIC]);
  });

  it.each([
    "a..b.example",
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(126)}ab`,
    "a b.example",
    "a\0.example",
    "*.example",
    "ünicode.example",
    "-a.example",
    "single",
    "site.example..",
    ".site.example",
    "site.example\n",
    "site.example\u001b[31m",
    "site.example/",
    "allowed.example@evil.test",
    "1.2.3.4.5",
    "example.123",
    "example.0x1f",
  ])("spelled %j is none, and is not looked up", async (host) => {
    const before = names.asked.length;
    expect(await client.connect(host, 80).closed).toBe(INVALID);
    expect(names.asked.length).toBe(before);
  });

  it.each([
    "denied.example",
    "DENIED.example.",
    "sub.denied.example",
    "a.b.denied.example",
    "metadata.google.internal",
  ])("on the deny list, %s, is not looked up", async (host) => {
    const before = names.asked.length;
    expect(await client.connect(host, 80).closed).toBe(BLOCKED);
    expect(names.asked.length).toBe(before);
  });
});

describe("an allow list", () => {
  it("lets nothing else through, not even an address", async () => {
    names.set("allowed.example", PUBLIC);
    names.set("sub.tree.example", PUBLIC);
    names.set("xn--bcher-kva.example", PUBLIC);
    const strict = await TestRelay.start({
      policy: { allowHosts: ["allowed.example", ".tree.example", "xn--bcher-kva.example"] },
      dns: { servers: [`127.0.0.1:${names.port}`] },
    });
    const own = await TestClient.open(strict.url);
    for (const host of ["allowed.example", "Allowed.Example.", "sub.tree.example", "xn--bcher-kva.example"]) {
      const stream = own.connect(host, 80);
      stream.send("x");
      await stream.until(({ received }) => received === 1);
    }
    for (const host of [
      "tree.example",
      "allowed.example.evil.test",
      "evilallowed.example",
      "eviltree.example",
      "x.allowed.example",
      PUBLIC,
    ])
      expect(await own.connect(host, 80).closed, host).toBe(BLOCKED);
    expect(internet.hits).toHaveLength(4);
    await own.close();
    await strict.kill();
  });
});

it("slow names of one client do not hold up another's", async () => {
  const slow = await TestRelay.start({
    dns: { servers: [`127.0.0.1:${names.port}`], timeoutSeconds: 20, concurrency: 8 },
    trustedProxies: ["127.0.0.1"],
  });
  const from = (address: string) => TestClient.open(slow.url, { ws: { headers: { "X-Forwarded-For": address } } });
  const [one, other] = [await from("8.8.8.8"), await from("8.8.4.4")];
  names.zones.set("never.example", () => null);
  const asked = names.asked.length;
  const stuck = Array.from({ length: 400 }, () => one.connect("never.example", 80));
  // The same name is one question for c-ares; what counts is that places are taken.
  names.set("quick.example", PUBLIC);
  const stream = other.connect("quick.example", 80);
  stream.send("x");
  await stream.until(({ received }) => received === 1);
  expect(stuck.every(({ reason }) => reason === null)).toBe(true);
  expect(names.asked.slice(asked).filter((each) => each.startsWith("never"))).not.toEqual([]);
  await Promise.all([one.close(), other.close()]);
  await slow.kill();
});
