import { randomBytes } from "node:crypto";
import { client as wispJs } from "@mercuryworkshop/wisp-js/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Internet } from "./support/internet.ts";
import { TestRelay } from "./support/relay.ts";
import { V86Guest } from "./support/v86-guest.ts";

const SITE = "93.184.216.34";

let internet: Internet;
let relay: TestRelay;

beforeAll(async () => {
  // Echoes, and says goodbye when the client has ended.
  internet = await Internet.open([80], (socket) => {
    socket.on("data", (data) => socket.write(data));
    socket.on("end", () => socket.end(" and goodbye"));
  });
  relay = await TestRelay.start({ policy: { udpPorts: [] } });
});
afterAll(async () => {
  await relay.kill();
  await internet.close();
});

describe.each([1, 2] as const)("wisp-js's client, version %i, through our relay", (version) => {
  const open = () =>
    new Promise<InstanceType<typeof wispJs.ClientConnection>>((resolve) => {
      const connection = new wispJs.ClientConnection(relay.url, { wisp_version: version });
      connection.onopen = () => resolve(connection);
    });

  it("moves bytes both ways, more than its window", async () => {
    const connection = await open();
    expect(connection.wisp_version).toBe(version);
    const stream = connection.create_stream(SITE, 80);
    const data = randomBytes(4 * 2 ** 20);
    const received: Uint8Array[] = [];
    let count = 0;
    const all = new Promise<void>((resolve) => {
      stream.onmessage = (bytes) => {
        received.push(bytes);
        count += bytes.byteLength;
        if (count === data.byteLength) resolve();
      };
    });
    for (let at = 0; at < data.byteLength; at += 8192) stream.send(data.subarray(at, at + 8192));
    await all;
    expect(Buffer.concat(received).equals(data)).toBe(true);
    connection.close();
  });

  it("is told what was refused", async () => {
    const connection = await open();
    const reason = (host: string, port: number) =>
      new Promise<number>((resolve) => {
        connection.create_stream(host, port).onclose = resolve;
      });
    expect(await Promise.all([reason("10.0.0.1", 80), reason(SITE, 443), reason("", 80)])).toEqual([0x48, 0x44, 0x41]);
    connection.close();
  });
});

describe("v86's own adapter through our relay", () => {
  it("moves bytes both ways, learns of the end, and of what is refused", async () => {
    const guest = await V86Guest.start(relay.url.replace("ws://", "wisp://"));
    const connection = await guest.connect(SITE, 80);
    const data = randomBytes(200_000);
    await connection.write(data);
    await connection.until(() => Buffer.concat(connection.chunks).byteLength === data.byteLength);
    expect(Buffer.concat(connection.chunks).equals(data)).toBe(true);
    // v86 makes a CLOSE of the guest's FIN: the answer to it still has to come.
    connection.chunks.length = 0;
    connection.end();
    await connection.until(() => connection.isEnded);
    expect(connection.text).toBe(" and goodbye");
    const refused = await guest.connect(SITE, 443);
    await refused.until(() => refused.isEnded || refused.isReset);
    const blocked = await guest.connect("10.0.0.1", 80);
    await blocked.until(() => blocked.isEnded || blocked.isReset);
    expect(internet.hits).not.toContain("10.0.0.1");
    await guest.stop();
  });

  it("in many connections at once", async () => {
    const guest = await V86Guest.start(relay.url.replace("ws://", "wisp://"));
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const connection = await guest.connect(SITE, 80);
        const text = `connection ${i}`.repeat(500);
        await connection.write(Buffer.from(text));
        await connection.until(() => connection.text.length === text.length);
        expect(connection.text).toBe(text);
      }),
    );
    await guest.stop();
  });
});
