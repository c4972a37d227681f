import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseHost, parseName } from "./host.ts";

const SEED = Number(process.env["WARMBOOT_SEED"] ?? Date.now() % 2 ** 31);

describe("a host", () => {
  it.each([
    ["example.org", "example.org"],
    ["EXAMPLE.Org.", "example.org"],
    ["a-b.c_d.example", "a-b.c_d.example"],
    ["xn--bcher-kva.example", "xn--bcher-kva.example"],
    ["1.2.3.4.example", "1.2.3.4.example"],
    [`${"a".repeat(63)}.example`, `${"a".repeat(63)}.example`],
  ])("%s is a name", (text, name) => {
    expect(parseHost(text)).toEqual({ type: "name", name });
  });

  it.each(["1.2.3.4", "127.0.0.1", "::1", "::ffff:102:304", "2606:4700::1111"])("%s is an address", (text) => {
    expect(parseHost(text)).toEqual({ type: "address", address: text });
  });

  it.each([
    ["::ffff:1.2.3.4", "::ffff:102:304"],
    ["2606:4700:0:0:0:0:0:1111", "2606:4700::1111"],
    ["2606:4700:0000::1111", "2606:4700::1111"],
    ["2606:4700::ABCD", "2606:4700::abcd"],
  ])("%s is the address %s", (text, address) => {
    expect(parseHost(text)).toEqual({ type: "address", address });
  });

  it.each([
    "",
    ".",
    "localhost",
    "0",
    "127.1",
    "2130706433",
    "0x7f.1",
    "127.0.0.1.",
    "127.0.0.01",
    "1.2.3.4.5",
    "a.1",
    "a.0x1f",
    "a..b",
    "-a.b",
    "a-.b",
    "[::1]",
    "::1%lo",
    "a b.c",
    "a.b\n",
    "ä.b",
    // Lower case of the Kelvin sign is "k".
    "boo\u212a.example",
    "１.2.3.4",
    `${"a".repeat(64)}.b`,
    `${"a.".repeat(127)}a`,
    "a.b..",
  ])("%j is none", (text) => {
    expect(parseHost(text)).toBe(null);
  });

  it("of any characters is one of those three, and a name is its own spelling", () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom(..."aZ09.-_:x%[]@/ \0\nä".split("")) }),
      fc.ipV4Extended(),
      fc.ipV6(),
      fc.domain(),
    );
    fc.assert(
      fc.property(text, (each) => {
        const host = parseHost(each);
        if (host?.type !== "name") return;
        expect(host.name).toMatch(/^[a-z0-9_.-]{3,253}$/);
        expect(host.name).not.toMatch(/^[\d.]+$/);
        expect(parseName(host.name)).toBe(host.name);
      }),
      { numRuns: 20_000, seed: SEED },
    );
  });
});
