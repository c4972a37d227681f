import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { withEnvironment } from "./environment.ts";
import { ConfigError } from "./errors.ts";
import { loadConfig, parseConfig, printable } from "./load.ts";

const ANONYMOUS = { auth: { anonymous: true } };
const SECRET = "0123456789abcdef0123456789abcdef";
const JWT = { issuer: "i", audience: "a", algorithms: ["EdDSA"], keysFile: "keys.json" };

function problems(config: unknown): readonly string[] {
  try {
    parseConfig(config);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

/** The names of all settings of a section. */
function leaves(section: object): string[] {
  return Object.entries(section).flatMap(([key, value]: [string, unknown]) =>
    value !== null && typeof value === "object" && !Array.isArray(value) ? leaves(value) : [key],
  );
}

describe("the configuration", () => {
  it("has its defaults", () => {
    expect(parseConfig(ANONYMOUS)).toMatchObject({
      listen: { host: "127.0.0.1", port: 8443 },
      policy: { mode: "enforce", ports: [80, 443], udpPorts: [], ipv6: false, allowAddresses: [] },
      dns: { timeoutSeconds: 5 },
      timeouts: { connectSeconds: 10 },
      trustedProxies: [],
      origins: [],
    });
  });

  const anonymous = (more: object) => ({ ...ANONYMOUS, ...more });
  it.each<[string, unknown]>([
    ["auth", {}],
    ["auth.anonymous", { auth: { anonymous: true, jwt: JWT } }],
    ["auth.jwt.algorithms.0", { auth: { jwt: { ...JWT, algorithms: ["none"] } } }],
    ["auth.jwt", { auth: { jwt: { ...JWT, algorithms: ["HS256"] } } }],
    ["auth.jwt", { auth: { jwt: { ...JWT, keysFile: undefined, secret: SECRET } } }],
    ["auth.jwt", { auth: { jwt: { ...JWT, secret: SECRET } } }],
    ["auth.jwt", { auth: { jwt: { ...JWT, keysFile: undefined } } }],
    ["auth.jwt.keysUrl", { auth: { jwt: { ...JWT, keysFile: undefined, keysUrl: "http://issuer.example/keys" } } }],
    ["auth.jwt.audience", { auth: { jwt: { ...JWT, audience: "" } } }],
    ["(the whole)", anonymous({ polcy: {} })],
    ["policy", anonymous({ policy: { port: [80] } })],
    ["policy.ports.0", anonymous({ policy: { ports: [65536] } })],
    ["policy.ports.0", anonymous({ policy: { ports: [0] } })],
    ["policy.ports.0", anonymous({ policy: { ports: [80.5] } })],
    ["policy.ports.0", anonymous({ policy: { ports: ["80"] } })],
    ["policy.ports.0", anonymous({ policy: { ports: [Number.NaN] } })],
    ["policy.ports", anonymous({ policy: { ports: 80 } })],
    ["policy.allowHosts.0", anonymous({ policy: { allowHosts: ["*.example.org"] } })],
    ["policy.denyHosts.0", anonymous({ policy: { denyHosts: ["Example.org"] } })],
    ["policy.denyHosts.0", anonymous({ policy: { denyHosts: ["http://example.org"] } })],
    [
      "policy.allowAddresses.0.range",
      anonymous({ policy: { allowAddresses: [{ range: "10.0.0.1/8", ports: [80] }] } }),
    ],
    ["policy.allowAddresses.0", anonymous({ policy: { allowAddresses: [{ range: "127.0.0.1", ports: [80] }] } })],
    ["policy.allowAddresses.0", anonymous({ policy: { allowAddresses: [{ range: "0.0.0.0/0", ports: [80] }] } })],
    ["policy.allowAddresses.0", anonymous({ policy: { allowAddresses: [{ range: "::/0", ports: [80] }] } })],
    ["policy.allowAddresses.0", anonymous({ policy: { allowAddresses: [{ range: "127.8.0.0/16", ports: [80] }] } })],
    ["policy.allowAddresses.0.ports", anonymous({ policy: { allowAddresses: [{ range: "10.0.0.0/8", ports: [] }] } })],
    ["trustedProxies.0", anonymous({ trustedProxies: ["proxy.example"] })],
    ["origins.0", anonymous({ origins: ["https://app.example/"] })],
    ["origins.0", anonymous({ origins: ["app.example"] })],
    ["tickets.secret", anonymous({ tickets: { secret: "short" } })],
    ["tickets", anonymous({ tickets: { secret: SECRET, secretFile: "x" } })],
    ["dns.servers.0", anonymous({ dns: { servers: ["dns.example"] } })],
    ["dns.servers.0", anonymous({ dns: { servers: ["9.9.9.9:99999"] } })],
    ["dns.servers.0", anonymous({ dns: { servers: ["9.9.9.9:0"] } })],
    ["dns.servers.0", anonymous({ dns: { servers: ["999.9.9.9:53"] } })],
    ["dns.servers.0", anonymous({ dns: { servers: ["[::1]:70000"] } })],
    ["policy.denyHosts.0", anonymous({ policy: { denyHosts: ["2606:4700:0::1"] } })],
    ["policy.denyAddresses.0", anonymous({ policy: { denyAddresses: ["10.0.0.0/33"] } })],
    ["listen.tls", { auth: { jwt: JWT }, listen: { host: "0.0.0.0" } }],
    ["listen.tls", { auth: { jwt: JWT }, listen: { host: "::" } }],
    ["dns.types.0", anonymous({ dns: { types: ["ANY"] } })],
    ["timeouts.connectSeconds", anonymous({ timeouts: { connectSeconds: 0 } })],
    ["timeouts.connectSeconds", anonymous({ timeouts: { connectSeconds: 1e10 } })],
    ["limits.anonymous.connections", anonymous({ limits: { anonymous: { connections: -1 } } })],
    ["redis.url", anonymous({ redis: { url: "http://redis" } })],
    ["redis", anonymous({ redis: {} })],
    ["listen.port", anonymous({ listen: { port: 99999 } })],
  ])("with nonsense at %s is refused by that name", (key, config) => {
    expect(problems(config).map((problem) => problem.split(":")[0])).toContain(key);
  });

  it("takes name servers and listeners that make sense", () => {
    for (const server of ["9.9.9.9", "9.9.9.9:53", "::1", "[::1]:5353"])
      expect(problems(anonymous({ dns: { servers: [server] } })), server).toEqual([]);
    for (const listen of [{ host: "127.0.0.1" }, { host: "localhost" }, { tls: { certFile: "a", keyFile: "b" } }])
      expect(problems({ auth: { jwt: JWT }, listen: { host: "0.0.0.0", ...listen } })).toEqual([]);
    expect(problems({ auth: { jwt: JWT }, listen: { host: "::" }, trustedProxies: ["10.0.0.2"] })).toEqual([]);
    expect(problems({ ...ANONYMOUS, listen: { host: "0.0.0.0" } })).toEqual([]);
  });

  it("names every problem at once", () => {
    expect(problems({ ...ANONYMOUS, policy: { ports: [0] }, dns: { timeoutSeconds: -1 } })).toHaveLength(2);
  });

  it("of development is usable, and the example too, but for its files", () => {
    const read = (name: string) =>
      JSON.parse(readFileSync(new URL(`../../config/${name}`, import.meta.url), "utf8")) as unknown;
    expect(problems(read("development.json"))).toEqual([]);
    expect(problems(read("production.example.json"))).toEqual([]);
  });

  it("is in its reference, every key of it", () => {
    const reference = readFileSync(new URL("../../../docs/relay.md", import.meta.url), "utf8");
    const config = parseConfig({
      ...ANONYMOUS,
      redis: { url: "redis://x" },
      listen: { tls: { certFile: "a", keyFile: "b" } },
    });
    const jwt = parseConfig({ auth: { jwt: JWT } }).auth.jwt;
    const keys = Object.entries({ ...config, jwt }).flatMap(([section, value]) =>
      value !== null && typeof value === "object" && !Array.isArray(value) ? [section, ...leaves(value)] : [section],
    );
    expect(keys.length).toBeGreaterThan(60);
    for (const key of keys) expect(reference, key).toMatch(new RegExp(`[.\`]${key}\\b`));
  });

  it("is shown without secrets", () => {
    const config = parseConfig({
      auth: { jwt: { ...JWT, algorithms: ["HS256"], keysFile: undefined, secret: SECRET } },
      tickets: { secret: SECRET },
      redis: { url: "rediss://me:word@host" },
    });
    const text = JSON.stringify(printable(config));
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain("word@");
    expect(text).toContain("rediss://me:hidden@host");
  });
});

describe("the environment", () => {
  it("goes over the file, by path", () => {
    const environment = {
      WARMBOOT_RELAY_LISTEN__PORT: "81",
      WARMBOOT_RELAY_LIMITS__SUBJECT__STREAMS_PER_CONNECTION: "9",
      WARMBOOT_RELAY_POLICY__ALLOW_HOSTS: '["a.example"]',
      WARMBOOT_RELAY_AUTH__ANONYMOUS: "true",
      WARMBOOT_RELAY_LISTEN__HOST: "10.0.0.1",
      OTHER: "x",
    };
    expect(withEnvironment({ listen: { port: 80, host: "x" } }, environment)).toEqual({
      listen: { port: 81, host: "10.0.0.1" },
      limits: { subject: { streamsPerConnection: 9 } },
      policy: { allowHosts: ["a.example"] },
      auth: { anonymous: true },
    });
  });

  it("that names no key is refused", () => {
    expect(() =>
      loadConfig(null, { WARMBOOT_RELAY_AUTH__ANONYMOUS: "true", WARMBOOT_RELAY_LISTN__PORT: "81" }),
    ).toThrow("listn");
    expect(() =>
      loadConfig(null, { WARMBOOT_RELAY_AUTH__ANONYMOUS: "true", WARMBOOT_RELAY___PROTO____X: "81" }),
    ).toThrow(ConfigError);
    expect(loadConfig(null, { WARMBOOT_RELAY_AUTH__ANONYMOUS: "true" }).auth.anonymous).toBe(true);
  });
});
