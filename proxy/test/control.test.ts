import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TestClient } from "./support/client.ts";
import { Internet } from "./support/internet.ts";
import { Child } from "./support/process.ts";
import { rawSocket } from "./support/raw-socket.ts";

const SITE = "93.184.216.34";
const MIB = 2 ** 20;

/** The attacks of the other files on wisp-js's server: what they find there shows that they can find something. */
describe("wisp-js's server, as a control", () => {
  let control: Child;
  let port: number;

  beforeEach(async () => {
    control = new Child(process.execPath, [fileURLToPath(new URL("./support/control.mjs", import.meta.url))]);
    port = Number(await control.line((line) => /^port (\d+)$/.exec(line)?.[1]));
  });
  afterEach(() => control.kill());

  it("ends on an unmasked frame", async () => {
    const socket = await rawSocket(port, "/");
    socket.write(Uint8Array.from([0x82, 1, 1]));
    expect(await control.exited).toBe(1);
  });

  it("ends on a request that connects to a closed port", async () => {
    await rawSocket(port, "/:1");
    expect(await control.exited).toBe(1);
  });

  it("takes all that the server sends, and loses the end of it, when the client stops for a while", async () => {
    let sent = 0;
    const internet = await Internet.open([80], (socket) => {
      const chunk = Buffer.alloc(65_536);
      const fill = () => {
        while (sent < 100 * MIB) {
          sent += chunk.byteLength;
          if (!socket.write(chunk)) return;
        }
        socket.end();
      };
      socket.on("drain", fill).resume();
      fill();
    });
    const client = await TestClient.open(`ws://127.0.0.1:${port}/`, { version: 1 });
    const before = control.rss();
    const stream = client.connect(SITE, 80);
    await stream.until(({ received }) => received > 0);
    client.socket.pause();
    await expect.poll(() => internet.connections, { timeout: 30_000 }).toBe(0);
    expect(sent).toBe(100 * MIB);
    expect(control.rss() - before).toBeGreaterThan(32 * MIB);
    client.socket.resume();
    client.socket.ping();
    await once(client.socket, "pong");
    expect(stream.received).toBeLessThan(100 * MIB);
    expect(stream.reason).toBe(null);
    await client.close();
    await internet.close();
  });
});
