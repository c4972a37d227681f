import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "warmboot-relay-test-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

it("the container's file copies what is there", () => {
  const root = new URL("../../", import.meta.url);
  const lines = readFileSync(new URL("proxy/Dockerfile", root), "utf8").split("\n");
  const sources = lines
    .filter((line) => line.startsWith("COPY "))
    .flatMap((line) =>
      line
        .replace(/^COPY (--from=build )?/, "")
        .split(" ")
        .slice(0, -1),
    )
    .map((path) => path.replace(/^\/app\//, ""));
  expect(sources.length).toBeGreaterThan(10);
  for (const path of sources) expect(existsSync(new URL(path, root)), path).toBe(true);
});

describe("the command", () => {
  const JWT = { issuer: "a", audience: "b", algorithms: ["EdDSA"] };
  const run = (config: unknown, args: string[] = [], env: Record<string, string> = {}) => {
    const file = join(directory, "config.json");
    writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, file, ...args], {
      env: { ...process.env, ...env },
    });
    return { status, output: String(stdout), errors: String(stderr) };
  };

  it("says whether a configuration is usable", () => {
    expect(run({ auth: { anonymous: true } }, ["--check-config"])).toMatchObject({ status: 0, errors: "" });
    for (const [config, key] of [
      [{}, "auth"],
      [{ auth: { anonymous: true }, listn: {} }, "listn"],
      [{ auth: { anonymous: true }, policy: { ports: [65536] } }, "policy.ports.0"],
      ["{ no json", "is not JSON"],
      [{ auth: { anonymous: true }, tickets: { secretFile: "nowhere" } }, "tickets.secretFile"],
      [
        { auth: { anonymous: true }, listen: { tls: { certFile: "config.json", keyFile: "config.json" } } },
        "listen.tls.certFile",
      ],
      [{ auth: { jwt: { ...JWT, keysFile: "nowhere" } } }, "auth.jwt.keysFile"],
      [{ auth: { jwt: { ...JWT, keysFile: "config.json" } } }, "auth.jwt.keysFile"],
      [{ auth: { anonymous: true, revocationsFile: "nowhere" } }, "auth.revocationsFile"],
      [{ auth: { anonymous: true, revocationsFile: "config.json" } }, "auth.revocationsFile"],
    ] as const) {
      const { status, errors } = run(config, ["--check-config"]);
      expect(status, key).toBe(1);
      expect(errors).toContain(key);
    }
    expect(run({ auth: { anonymous: true } }, ["--nonsense"]).status).toBe(2);
  });

  it("does not start with one that is not", () => {
    const { status, errors } = run({
      auth: { jwt: { issuer: "a", audience: "b", algorithms: ["HS256"], secret: "changeme" } },
    });
    expect(status).toBe(1);
    expect(errors).toContain("auth.jwt.secret: must have at least 32 characters");
    expect(errors).not.toContain("changeme");
  });

  it("prints what holds, without secrets", () => {
    const secret = "0123456789abcdef0123456789abcdef";
    const config = {
      auth: { anonymous: true },
      tickets: { secret },
      redis: { url: "redis://user:password-x@127.0.0.1:1" },
    };
    const { status, output } = run(config, ["--print-config"], {
      WARMBOOT_RELAY_POLICY__PORTS: "[80]",
      WARMBOOT_RELAY_LIMITS__ANONYMOUS__STREAMS_PER_CONNECTION: "7",
    });
    expect(status).toBe(0);
    expect(output).not.toContain(secret);
    expect(output).not.toContain("password-x");
    expect(JSON.parse(output)).toMatchObject({
      policy: { ports: [80] },
      limits: { anonymous: { streamsPerConnection: 7 } },
      tickets: { secret: "(hidden)" },
    });
  });
});
