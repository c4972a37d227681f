import { createHash, randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { EXTENSION, encodeConnect, encodeData, encodeU32 } from "warmboot/wisp";
import { hashing, settled, source } from "./support/flows.ts";
import { flood, rawSocket } from "./support/raw-socket.ts";
import { stage } from "./support/stage.ts";

const SITE = "93.184.216.34";
const MIB = 2 ** 20;
const [VOLUNTARY, NETWORK_ERROR] = [2, 3];
const NOTHING = new Uint8Array(0);

const lab = stage();
const withCredit = (bytes: number) => new Map([[EXTENSION.BYTE_CREDIT, encodeU32(bytes)]]);
const HALF_CLOSE = new Map([[EXTENSION.HALF_CLOSE, NOTHING]]);
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe("a download", () => {
  it("arrives whole when the client stops for a while, though the server has long ended; the relay's memory is bounded", async () => {
    const site = source(100 * MIB);
    lab.serve = site.serve;
    const client = await lab.open({ version: 1 });
    const stream = client.connect(SITE, 80);
    const hash = hashing(stream);
    await stream.until(({ received }) => received > 0);
    const before = lab.relay.rss();
    client.socket.pause();
    await settled(site.sent);
    expect(site.sent()).toBeLessThan(100 * MIB);
    expect(lab.relay.rss() - before).toBeLessThan(8 * MIB);
    client.socket.resume();
    expect(await stream.closed).toBe(VOLUNTARY);
    expect(stream.received).toBe(100 * MIB);
    expect(hash()).toBe(site.hash());
  });

  it("of 20 streams at once to a client that does not read is bounded too", async () => {
    lab.serve = (socket) => source(1000 * MIB).serve(socket);
    const client = await lab.open({ version: 1 });
    client.socket.pause();
    const before = lab.relay.rss();
    for (let i = 0; i < 20; i++) client.connect(SITE, 80);
    await expect.poll(() => lab.internet.connections).toBe(20);
    await settled(() => (lab.relay.rss() / MIB) | 0);
    expect(lab.relay.rss() - before).toBeLessThan(64 * MIB);
  });

  it("goes exactly as far as the credit, and on when there is more", async () => {
    lab.serve = (socket) => source(MIB).serve(socket);
    const client = await lab.open({ extensions: withCredit(100_000) });
    expect([...client.offered.keys()]).toEqual(expect.arrayContaining([EXTENSION.BYTE_CREDIT, EXTENSION.STREAM_OPEN]));
    const stream = client.connect(SITE, 80);
    const other = client.connect(SITE, 80);
    await stream.until(({ received }) => received >= 100_000);
    await other.until(({ received }) => received >= 100_000);
    expect(await settled(() => stream.received)).toBe(100_000);
    stream.grant(1);
    await stream.until(({ received }) => received === 100_001);
    stream.grant(70_000);
    await stream.until(({ received }) => received >= 170_001);
    expect(await settled(() => stream.received)).toBe(170_001);
    expect(other.received).toBe(100_000);
    expect([...stream.chunks, ...other.chunks].filter(({ byteLength }) => byteLength === 0)).toEqual([]);
    stream.grant(2 ** 31);
    expect(await stream.closed).toBe(VOLUNTARY);
    expect(stream.received).toBe(MIB);
  });

  it("is reset when the server resets, after what was sent before", async () => {
    lab.serve = (socket) => {
      socket.once("data", () => socket.resetAndDestroy());
      socket.write("before");
    };
    const client = await lab.open();
    const stream = client.connect(SITE, 80);
    await stream.until(({ received }) => received === 6);
    stream.send("go");
    expect(await stream.closed).toBe(NETWORK_ERROR);
    expect(await lab.relay.audited("stream-close")).toMatchObject({ reason: "upstream-reset", down: 6 });
  });

  it("that was read before the server's reset arrives, though the client had no credit for it yet", async () => {
    lab.serve = (socket) => {
      socket.once("data", () => socket.resetAndDestroy());
      socket.write(Buffer.alloc(1000));
    };
    const client = await lab.open({ extensions: withCredit(10) });
    const stream = client.connect(SITE, 80);
    await stream.until(({ received }) => received === 10);
    stream.send("go");
    await expect.poll(() => lab.internet.connections).toBe(0);
    // The relay does not read now: it learns of the reset when it writes.
    for (let i = 0; i < 5; i++) {
      stream.send("more");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(stream.reason).toBe(null);
    stream.grant(2000);
    expect(await stream.closed).toBe(NETWORK_ERROR);
    expect(stream.received).toBe(1000);
  });

  it("shares with others: a short answer does not wait for a long one", async () => {
    lab.serve = (socket) => {
      socket.once("data", (data) =>
        data.toString() === "long" ? source(40 * MIB).serve(socket) : socket.end("short"),
      );
    };
    const client = await lab.open({ version: 1 });
    const long = client.connect(SITE, 80);
    long.send("long");
    await long.until(({ received }) => received > 0);
    const short = client.connect(SITE, 80);
    short.send("short");
    expect(await short.closed).toBe(VOLUNTARY);
    expect(short.received).toBe(5);
    expect(long.reason).toBe(null);
    expect(long.received).toBeLessThan(40 * MIB);
  });

  it("keeps to the rate that the configuration says, and is not cut off by it", async () => {
    await lab.start({ limits: { anonymous: { downBytesPerSecond: 4 * MIB } } });
    const site = source(10 * MIB);
    lab.serve = site.serve;
    const client = await lab.open();
    const stream = client.connect(SITE, 80);
    const hash = hashing(stream);
    const started = performance.now();
    expect(await stream.closed).toBe(VOLUNTARY);
    expect(hash()).toBe(site.hash());
    // The first second's worth may pass at once. It is never early, however busy the computer is.
    expect(performance.now() - started).toBeGreaterThan(1300);
  });
});

describe("an upload", () => {
  it("arrives whole at a slow server; the client is told to wait, and the relay's memory is bounded", async () => {
    let server: Socket | null = null;
    const hash = createHash("sha256");
    let taken = 0;
    lab.serve = (socket) => {
      server = socket;
      socket.pause();
      socket.on("data", (data) => {
        hash.update(data);
        taken += data.byteLength;
      });
      socket.on("end", () => socket.end(`got ${taken}`));
    };
    const client = await lab.open({ extensions: HALF_CLOSE });
    const stream = client.connect(SITE, 80);
    const data = randomBytes(64 * MIB);
    const before = lab.relay.rss();
    let at = 0;
    const send = () => {
      for (; stream.window > 0 && at < data.byteLength; at += 65_536) stream.send(data.subarray(at, at + 65_536));
    };
    send();
    await settled(() => {
      send();
      return at;
    });
    expect(at).toBeLessThan(data.byteLength);
    expect(lab.relay.rss() - before).toBeLessThan(32 * MIB);
    (server as Socket | null)?.resume();
    await stream.until(() => {
      send();
      return at >= data.byteLength;
    });
    stream.send(NOTHING);
    await stream.until(({ text }) => text === `got ${data.byteLength}`);
    expect(hash.digest("hex")).toBe(sha256(data));
  });

  it.each([
    ["large", 65_536, 4],
    ["small", 1, 1],
  ])(
    "of %s packets without end, that nobody reads and no window stops, costs bounded memory",
    async (_, size, streams) => {
      lab.serve = (socket) => socket.pause();
      const socket = await rawSocket(lab.relay.port);
      const before = lab.relay.rss();
      const frame = (bytes: Uint8Array) => {
        const long = bytes.byteLength > 65_535;
        const header = Buffer.alloc(long ? 14 : bytes.byteLength > 125 ? 8 : 6);
        header[0] = 0x82;
        header[1] = 0x80 | (long ? 127 : bytes.byteLength > 125 ? 126 : bytes.byteLength);
        if (long) header.writeUIntBE(bytes.byteLength, 4, 6);
        else if (bytes.byteLength > 125) header.writeUInt16BE(bytes.byteLength, 2);
        return Buffer.concat([header, bytes]);
      };
      const ids = Array.from({ length: streams }, (_, i) => i + 1);
      for (const id of ids) socket.write(frame(encodeConnect(id, SITE, 80)));
      await expect.poll(() => lab.internet.connections).toBe(streams);
      const packets = ids.map((id) => frame(encodeData(id, new Uint8Array(size))));
      const batch = Buffer.concat(Array.from({ length: Math.ceil(262_144 / size / streams) }, () => packets).flat());
      expect(await flood(socket, batch, 1000)).toBe(true);
      expect(lab.relay.rss() - before).toBeLessThan(64 * MIB);
      socket.destroy();
    },
  );

  it("that overruns its window, as v86 does, is taken all the same", async () => {
    let taken = 0;
    lab.serve = (socket) =>
      socket.on("data", (data) => {
        taken += data.byteLength;
      });
    const client = await lab.open({ version: 1 });
    const stream = client.connect(SITE, 80);
    for (let i = 0; i < client.window * 10; i++) stream.send(Buffer.alloc(1460));
    await expect.poll(() => taken).toBe(client.window * 10 * 1460);
    expect(stream.reason).toBe(null);
  });

  it("keeps to the rate that the configuration says", async () => {
    await lab.start({ limits: { anonymous: { upBytesPerSecond: 4 * MIB } } });
    let taken = 0;
    lab.serve = (socket) =>
      socket.on("data", (data) => {
        taken += data.byteLength;
      });
    const client = await lab.open({ version: 1 });
    const stream = client.connect(SITE, 80);
    const started = performance.now();
    for (let i = 0; i < 160; i++) stream.send(Buffer.alloc(65_536));
    await expect.poll(() => taken, { timeout: 30_000 }).toBe(10 * MIB);
    expect(performance.now() - started).toBeGreaterThan(1000);
  });
});
