import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as tlsConnect } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { TestClient } from "./support/client.ts";
import { echo, Internet } from "./support/internet.ts";
import { TestRelay } from "./support/relay.ts";

const SITE = "93.184.216.34";
const RESTARTING = 1012;

let internet: Internet;
let relay: TestRelay;
let directory: string;

beforeAll(async () => {
  internet = await Internet.open([80], echo);
  directory = mkdtempSync(join(tmpdir(), "warmboot-relay-test-"));
});
afterAll(async () => {
  await internet.close();
  rmSync(directory, { recursive: true });
});
afterEach(() => relay?.kill());

const get = async (port: number, path: string) => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
};

describe("SIGTERM", () => {
  it("lets streams end, takes nobody in, and ends with 0", async () => {
    relay = await TestRelay.start();
    const [busy, idle] = [await TestClient.open(relay.url), await TestClient.open(relay.url)];
    const stream = busy.connect(SITE, 80);
    stream.send("before");
    await stream.until(({ received }) => received === 6);
    relay.signal("SIGTERM");
    expect((await idle.closed).code).toBe(RESTARTING);
    stream.send(" after");
    await stream.until(({ received }) => received === 12);
    expect(await busy.connect(SITE, 80).closed).toBe(0x49);
    expect(await get(relay.operationsPort, "/ready")).toMatchObject({ status: 503 });
    await expect(fetch(`${relay.httpUrl}/ready`)).rejects.toThrow();
    stream.close();
    expect((await busy.closed).code).toBe(RESTARTING);
    expect(await relay.exited).toBe(0);
    expect(relay.audit("relay-stopped")).toHaveLength(1);
  });

  it("that comes twice is one", async () => {
    relay = await TestRelay.start();
    const client = await TestClient.open(relay.url);
    const stream = client.connect(SITE, 80);
    relay.signal("SIGTERM");
    await relay.audited("relay-draining");
    relay.signal("SIGTERM");
    relay.signal("SIGINT");
    stream.send("still there");
    await stream.until(({ received }) => received === 11);
    stream.close();
    expect((await client.closed).code).toBe(RESTARTING);
    expect(await relay.exited).toBe(0);
    expect(relay.audit("relay-stopped")).toHaveLength(1);
  });

  it("waits only so long", async () => {
    relay = await TestRelay.start({ timeouts: { drainSeconds: 0.5 } });
    const client = await TestClient.open(relay.url);
    const stream = client.connect(SITE, 80);
    stream.send("x");
    await stream.until(({ received }) => received === 1);
    relay.signal("SIGTERM");
    expect((await client.closed).code).toBe(RESTARTING);
    expect(await relay.exited).toBe(0);
    await expect.poll(() => internet.connections).toBe(0);
  });
});

describe("what an operator reads", () => {
  it("health, readiness, and metrics whose labels are bounded", async () => {
    relay = await TestRelay.start();
    expect(await get(relay.port, "/health")).toEqual({ status: 200, text: '{"status":"ok"}\n' });
    expect(await get(relay.port, "/ready")).toMatchObject({ status: 200 });
    expect(await get(relay.operationsPort, "/health")).toMatchObject({ status: 200 });
    expect(await get(relay.port, "/metrics")).toMatchObject({ status: 404 });
    const client = await TestClient.open(relay.url);
    const stream = client.connect(SITE, 80);
    stream.send("12345");
    await stream.until(({ received }) => received === 5);
    expect(await relay.metric("connections ")).toBe(1);
    expect(await relay.metric("streams{")).toBe(1);
    for (let i = 0; i < 50; i++) await client.connect(`host-${i}.internal`, 80).closed;
    stream.close();
    await stream.closed;
    await expect.poll(() => relay.metric("streams_total", 'outcome="finished"')).toBe(1);
    expect(await relay.metric("streams_total", 'outcome="host-denied"')).toBe(50);
    expect(await relay.metric("bytes_total", 'direction="up"')).toBe(5);
    const { text } = await get(relay.operationsPort, "/metrics");
    for (const word of ["host-1", SITE, "127.0.0.1", "anonymous"]) expect(text).not.toContain(word);
    await client.close();
  });

  it("one line of JSON for what was opened and what was closed", async () => {
    relay = await TestRelay.start();
    const client = await TestClient.open(relay.url);
    const stream = client.connect(SITE, 80);
    stream.send("12345");
    await stream.until(({ received }) => received === 5);
    stream.close();
    const line = await relay.audited("stream-close");
    expect(Object.keys(line)).toEqual([
      "time",
      "event",
      "session",
      "subject",
      "client",
      "stream",
      "protocol",
      "host",
      "port",
      "address",
      "up",
      "down",
      "durationMs",
      "reason",
    ]);
    expect(line).toMatchObject({
      host: SITE,
      port: 80,
      address: SITE,
      up: 5,
      down: 5,
      reason: "finished",
      client: "127.0.0.1",
    });
    await client.close();
    expect(await relay.audited("connection-close")).toMatchObject({ session: line["session"] });
  });

  it("in ASCII: nothing in it can turn the line around or look like another name", async () => {
    relay = await TestRelay.start();
    const client = await TestClient.open(relay.url);
    const host = "\u202egro.elpmaxe\u2066\u009b31m.ехample.org";
    expect(await client.connect(host, 80).closed).toBe(0x41);
    expect(await relay.audited("stream-close")).toMatchObject({ host, reason: "host-malformed" });
    for (const line of relay.lines) expect(line).toMatch(/^[\x20-\x7e]+$/);
    await client.close();
  });

  it("with destinations as hashes, or not at all, when that is configured", async () => {
    for (const hosts of ["hash", "none"]) {
      relay = await TestRelay.start({ audit: { hosts } });
      const client = await TestClient.open(relay.url);
      await client.connect("secret-name.internal", 80).closed;
      const stream = client.connect(SITE, 80);
      stream.send("x");
      await stream.until(({ received }) => received === 1);
      stream.close();
      await relay.audited("stream-close", ({ up }) => up === 1);
      await client.close();
      expect(relay.lines.join("\n")).not.toContain("secret-name");
      expect(relay.lines.join("\n")).not.toContain(SITE);
      expect(relay.audit("stream-open")[0]?.["host"]).toEqual(
        hosts === "hash" ? expect.stringMatching(/^[0-9a-f]{16}$/) : null,
      );
      await relay.kill();
    }
  });
});

describe("TLS by its own certificate", () => {
  const certificate = (name: string) => {
    const files = { certFile: join(directory, "cert.pem"), keyFile: join(directory, "key.pem") };
    const { status, stderr } = spawnSync("openssl", [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-nodes",
      "-keyout",
      files.keyFile,
      "-out",
      files.certFile,
      "-subj",
      `/CN=${name}`,
      "-days",
      "2",
    ]);
    if (status !== 0) throw new Error(String(stderr));
    return files;
  };
  const servedName = async () => {
    const socket = tlsConnect({ port: relay.port, host: "127.0.0.1", rejectUnauthorized: false });
    await once(socket, "secureConnect");
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN;
  };

  it("carries streams, survives what is no TLS, and takes a new certificate on SIGHUP", async () => {
    relay = await TestRelay.start({ listen: { tls: certificate("one.example") } });
    const client = await TestClient.open(`wss://127.0.0.1:${relay.port}/wisp/`, { ws: { rejectUnauthorized: false } });
    const stream = client.connect(SITE, 80);
    stream.send("secret");
    await stream.until(({ received }) => received === 6);
    const plain = connect(relay.port, "127.0.0.1").on("error", () => {});
    plain.write("GET / HTTP/1.1\r\n\r\n");
    await once(plain.resume(), "close");
    const old = tlsConnect({
      port: relay.port,
      host: "127.0.0.1",
      rejectUnauthorized: false,
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
    });
    await once(old, "error");
    expect(await servedName()).toBe("one.example");
    certificate("two.example");
    relay.signal("SIGHUP");
    await relay.audited("relay-reloaded");
    expect(await servedName()).toBe("two.example");
    stream.send("!");
    await stream.until(({ received }) => received === 7);
    await client.close();
  });
});
