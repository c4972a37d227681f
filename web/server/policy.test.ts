import { afterEach, expect, it } from "vitest";
import { FIRST_PAINT_HASH } from "./first-paint.ts";
import { headersFile } from "./headers-file.ts";
import { contentSecurityPolicy, mayBeFramed, relayRules } from "./policy.ts";
import { frameSource, portRules } from "./port-rules.ts";

const connect = (relay: string | null, otherRelays = false) =>
  /connect-src ([^;]*)/.exec(contentSecurityPolicy({ relay, otherRelays }, "no"))?.[1];

afterEach(() => {
  delete process.env["WARMBOOT_PORTS"];
  delete process.env["WARMBOOT_SITE"];
  delete process.env["WARMBOOT_RELAY"];
  delete process.env["WARMBOOT_OTHER_RELAYS"];
});

it("a page without a relay talks to its own site only", () => {
  expect(connect(null)).toBe("'self'");
});

it.each([
  ["wisps://relay.example/", "'self' https://relay.example wss://relay.example"],
  ["wss://relay.example:8443/wisp/", "'self' https://relay.example:8443 wss://relay.example:8443"],
  ["wisp://localhost:8081/", "'self' http://localhost:8081 ws://localhost:8081"],
])("a page with %s talks to that relay, too", (relay, expected) => {
  expect(connect(relay)).toBe(expected);
  process.env["WARMBOOT_RELAY"] = relay;
  expect(relayRules()).toEqual({ relay, otherRelays: true });
});

it.each([
  "relay.example",
  "https://relay.example/",
  "wisps://relay.example",
  "wisps://a/; script-src *",
  "wisps://a b/",
  "wisp://[::1]:8081/",
])("%j is no relay", (relay) => {
  process.env["WARMBOOT_RELAY"] = relay;
  expect(() => relayRules()).toThrow("WARMBOOT_RELAY");
  expect(connect(relay)).toBe("'self'");
});

it("where a person may choose, the page talks to relays with TLS, and to those on their own computer", () => {
  expect(connect(null, true)).toMatch(/^'self' https: wss: http:\/\/localhost:\* ws:\/\/localhost:\* /);
  expect(connect(null, true)).not.toMatch(/(http|ws):( |$)/);
  process.env["WARMBOOT_OTHER_RELAYS"] = "no";
  expect(relayRules()).toEqual({ relay: null, otherRelays: false });
  process.env["WARMBOOT_OTHER_RELAYS"] = "maybe";
  expect(() => relayRules()).toThrow("WARMBOOT_OTHER_RELAYS");
});

it("the page's own script before the first paint is the only inline one", () => {
  const [, allowed] = /script-src ([^;]*)/.exec(contentSecurityPolicy({ relay: null, otherRelays: false }, "no")) ?? [];
  expect(allowed).toBe(`'self' 'wasm-unsafe-eval' '${FIRST_PAINT_HASH}'`);
});

it.each([
  ["/embed.html", true],
  ["/embed.html?cmd=ls", true],
  ["/embed", true],
  ["/", false],
  ["/index.html", false],
  ["/?page=/embed.html", false],
  ["/images/embed.html", false],
])("%s may be framed by other sites: %s", (url, may) => {
  expect(mayBeFramed(url)).toBe(may);
});

it("of the rules for static hosts, those of the machine page forbid foreign frames, whether rules add up or the last one holds", () => {
  const rules = headersFile("POLICY").trim().split("\n\n");
  const unframed = rules.filter((rule) => rule.includes("POLICY; frame-ancestors 'self'"));
  expect(unframed.map((rule) => rule.split("\n")[0])).toEqual(["/", "/index.html", "/port.html"]);
  expect(rules.filter((rule) => rule.startsWith("/embed")).join()).not.toContain("frame-ancestors");
});

it.each([
  ["local", "http://*.localhost:*"],
  ["https://{port}.ports.example.org", "https://*.ports.example.org"],
  ["http://{port}.localhost:8080", "http://*.localhost:8080"],
  ["no", "'none'"],
])("where servers of machines are shown at %s, the page shows frames of there, and no others", (ports, expected) => {
  const policy = contentSecurityPolicy({ relay: null, otherRelays: false }, ports);
  expect(/frame-src ([^;]*)/.exec(policy)?.[1]).toBe(expected);
  process.env["WARMBOOT_PORTS"] = ports;
  process.env["WARMBOOT_SITE"] = "https://site.example";
  expect(portRules().origin).toBe(ports);
});

it.each([
  "https://ports.example.org",
  "https://{port}.a; script-src *",
  "https://x.{port}.example",
  "javascript:{port}.x",
])("%j is no origin for ports", (ports) => {
  expect(frameSource(ports)).toBe(null);
  process.env["WARMBOOT_PORTS"] = ports;
  process.env["WARMBOOT_SITE"] = "https://site.example";
  expect(() => portRules()).toThrow("WARMBOOT_PORTS");
});

it.each(["", "https://site.example/", "site.example"])(
  "ports elsewhere need the origin of the site, and %j is none",
  (site) => {
    process.env["WARMBOOT_PORTS"] = "https://{port}.ports.example.org";
    process.env["WARMBOOT_SITE"] = site;
    expect(() => portRules()).toThrow("WARMBOOT_SITE");
  },
);
