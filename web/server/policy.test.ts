import { afterEach, expect, it } from "vitest";
import { contentSecurityPolicy, relayOfEnvironment } from "./policy.ts";

const connect = (relay: string | null) => /connect-src ([^;]*)/.exec(contentSecurityPolicy(relay))?.[1];

afterEach(() => {
  delete process.env["WARMBOOT_RELAY"];
});

it("a page without a relay talks to its own site only", () => {
  expect(connect(null)).toBe("'self'");
});

it.each([
  ["wisps://relay.example/", "'self' https://relay.example wss://relay.example"],
  ["wss://relay.example:8443/wisp/", "'self' https://relay.example:8443 wss://relay.example:8443"],
  ["wisp://localhost:8081/", "'self' http://localhost:8081 ws://localhost:8081"],
  ["wisp://[::1]:8081/", "'self' http://[::1]:8081 ws://[::1]:8081"],
])("a page with %s talks to that relay, too", (relay, expected) => {
  expect(connect(relay)).toBe(expected);
  process.env["WARMBOOT_RELAY"] = relay;
  expect(relayOfEnvironment()).toBe(relay);
});

it.each([
  "relay.example",
  "https://relay.example/",
  "wisps://relay.example",
  "wisps://a/; script-src *",
  "wisps://a b/",
])("%j is no relay", (relay) => {
  process.env["WARMBOOT_RELAY"] = relay;
  expect(() => relayOfEnvironment()).toThrow("WARMBOOT_RELAY");
  expect(connect(relay)).toBe("'self'");
});
