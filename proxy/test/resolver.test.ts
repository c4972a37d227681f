import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXTENSION, encodeU32 } from "warmboot/wisp";
import { encodeAnswer, RCODE, RECORD_TYPE } from "../src/dns/message.ts";
import { TestClient, type TestStream } from "./support/client.ts";
import { NameServer } from "./support/name-server.ts";
import { ask, query, readAnswer } from "./support/questions.ts";
import { TestRelay } from "./support/relay.ts";

const PUBLIC = "93.184.216.34";
const [BLOCKED, INVALID] = [0x48, 0x41];
const AGREED = { extensions: new Map([[EXTENSION.RESOLVER, new Uint8Array(0)]]) };

let names: NameServer;
let relay: TestRelay;
let client: TestClient;

beforeAll(async () => {
  names = await NameServer.open();
  relay = await TestRelay.start({
    policy: { denyHosts: ["denied.example", ".denied.example"] },
    dns: { servers: [`127.0.0.1:${names.port}`], timeoutSeconds: 2 },
  });
  client = await TestClient.open(relay.url, AGREED);
});
afterAll(async () => {
  await client.close();
  await relay.kill();
  await names.close();
});

describe("the resolver", () => {
  const open = (): TestStream => client.connect("resolver.arpa", 53);

  it("answers for addresses, in as many pieces as the client likes", async () => {
    names.set("site.example", PUBLIC, "2606:4700::1111");
    const stream = open();
    const bytes = Buffer.concat([query(7, "site.example", RECORD_TYPE.A), query(8, "site.example", RECORD_TYPE.AAAA)]);
    for (const byte of bytes) stream.send(Buffer.of(byte));
    const answers = [await readAnswer(stream), await readAnswer(stream)].sort((a, b) => a.id - b.id);
    expect(answers).toMatchObject([
      { id: 7, rcode: RCODE.NOERROR, answers: 1 },
      { id: 8, rcode: RCODE.NOERROR, answers: 1 },
    ]);
    expect(answers[0]?.message.subarray(-4)).toEqual(Buffer.from([93, 184, 216, 34]));
  });

  it("tells what does not exist from what has no such record and from what failed", async () => {
    names.set("empty.example");
    names.zones.set("failing.example", (question) => encodeAnswer(question, RCODE.SERVFAIL));
    const stream = open();
    expect(await ask(stream, "empty.example", RECORD_TYPE.A)).toMatchObject({ rcode: RCODE.NOERROR, answers: 0 });
    expect(await ask(stream, "nowhere.example", RECORD_TYPE.A)).toMatchObject({ rcode: RCODE.NXDOMAIN });
    expect(await ask(stream, "failing.example", RECORD_TYPE.A)).toMatchObject({ rcode: RCODE.SERVFAIL });
    expect(await ask(stream, "localhost", RECORD_TYPE.A)).toMatchObject({ rcode: RCODE.NXDOMAIN });
  });

  it("passes other types on, by datagram and when they are long by stream", async () => {
    const data = Buffer.from([0, 10, 1, 0x61, 0]);
    names.zones.set("mail.example", (question) =>
      encodeAnswer(question, RCODE.NOERROR, [{ type: RECORD_TYPE.MX, ttlSeconds: 60, data }]),
    );
    names.zones.set("long.example", (question) =>
      encodeAnswer(
        question,
        RCODE.NOERROR,
        Array.from({ length: 100 }, () => ({ type: RECORD_TYPE.MX, ttlSeconds: 60, data })),
      ),
    );
    const stream = open();
    expect(await ask(stream, "mail.example", RECORD_TYPE.MX)).toMatchObject({ rcode: RCODE.NOERROR, answers: 1 });
    expect(await ask(stream, "long.example", RECORD_TYPE.MX)).toMatchObject({ rcode: RCODE.NOERROR, answers: 100 });
  });

  it.each([
    ["ANY", 255],
    ["AXFR", 252],
    ["TXT", 16],
    ["NULL", 10],
  ])("refuses %s", async (_, type) => {
    const before = names.asked.length;
    expect(await ask(open(), "site.example", type)).toMatchObject({ rcode: RCODE.REFUSED });
    expect(names.asked.length).toBe(before);
  });

  it("does not tell addresses that are not public, nor who has them, nor names on the deny list", async () => {
    names.set("inside.example", "10.0.0.1");
    names.set("mixed.example", PUBLIC, "192.168.0.1");
    const stream = open();
    for (const name of ["inside.example", "mixed.example", "denied.example", "a.denied.example"])
      expect(await ask(stream, name, RECORD_TYPE.A), name).toMatchObject({ rcode: RCODE.REFUSED, answers: 0 });
    for (const name of [
      "1.0.0.10.in-addr.arpa",
      "0.10.in-addr.arpa",
      "1.0.0.127.in-addr.arpa",
      `${"0.".repeat(31)}0.ip6.arpa`,
    ])
      expect(await ask(stream, name, RECORD_TYPE.PTR), name).toMatchObject({ rcode: RCODE.REFUSED });
  });

  it("ends the stream on what is too long to be a question, and stays alive", async () => {
    const stream = open();
    stream.send(Buffer.from([0xff, 0xff, 1]));
    expect(await stream.closed).toBe(INVALID);
    expect(await relay.audited("stream-close", ({ stream: id }) => id === stream.id)).toMatchObject({
      reason: "question-malformed",
    });
    expect(await ask(open(), "site.example", RECORD_TYPE.A)).toMatchObject({ rcode: RCODE.NOERROR });
  });

  it("ends the stream on which answers are left unread, and costs little until then", async () => {
    const own = await TestClient.open(relay.url, {
      extensions: new Map([...AGREED.extensions, [EXTENSION.BYTE_CREDIT, encodeU32(1)]]),
    });
    const stream = own.connect("resolver.arpa", 53);
    // No question, each answered by 14 bytes.
    const malformed = Buffer.alloc(14);
    malformed.writeUInt16BE(12);
    const many = Buffer.concat(new Array<Buffer>(4000).fill(malformed));
    for (let i = 0; i < 6; i++) stream.send(many);
    expect(await stream.closed).toBe(0x49);
    expect(await relay.audited("stream-close", ({ reason }) => reason === "answers-unread")).toMatchObject({ down: 1 });
    await own.close();
  });

  it("ends a stream that is too old, though it asks", async () => {
    const strict = await TestRelay.start({
      dns: { servers: [`127.0.0.1:${names.port}`] },
      timeouts: { streamLifetimeSeconds: 1 },
    });
    const own = await TestClient.open(strict.url, AGREED);
    const stream = own.connect("resolver.arpa", 53);
    const asking = setInterval(() => stream.send(query(1, "site.example", RECORD_TYPE.A)), 100);
    expect(await stream.closed).toBe(0x47);
    clearInterval(asking);
    await own.close();
    await strict.kill();
  });

  it("bounds how often it is asked", async () => {
    const strict = await TestRelay.start({
      dns: { servers: [`127.0.0.1:${names.port}`] },
      limits: { anonymous: { namesPerMinute: 20 } },
    });
    const own = await TestClient.open(strict.url, AGREED);
    const stream = own.connect("resolver.arpa", 53);
    const rcodes: number[] = [];
    for (let i = 0; i < 25; i++) rcodes.push((await ask(stream, `${"x".repeat(60)}${i}.example`, RECORD_TYPE.A)).rcode);
    expect(rcodes.filter((rcode) => rcode === RCODE.NXDOMAIN)).toHaveLength(20);
    expect(rcodes.slice(20)).toEqual(new Array(5).fill(RCODE.REFUSED));
    await own.close();
    await strict.kill();
  });

  it("is not there for a client that did not agree on it", async () => {
    const plain = await TestClient.open(relay.url);
    expect(await plain.connect("resolver.arpa", 53).closed).toBe(BLOCKED);
    await plain.close();
  });
});
