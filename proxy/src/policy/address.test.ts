import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressRanges, addressGroup, isPublicAddress, unmapped } from "./address.ts";

const SEED = Number(process.env["WARMBOOT_SEED"] ?? Date.now() % 2 ** 31);

/** First and last address of what is not the internet, and their neighbours that are. */
const RANGES: readonly (readonly [string | null, string, string, string | null])[] = [
  [null, "0.0.0.0", "0.255.255.255", "1.0.0.0"],
  ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"],
  ["100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"],
  ["126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"],
  ["169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"],
  ["168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"],
  ["172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"],
  ["191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"],
  ["192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"],
  ["192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"],
  ["192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"],
  ["198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"],
  ["198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"],
  ["203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"],
  ["223.255.255.255", "224.0.0.0", "255.255.255.255", null],
  [null, "::", "1fff:ffff::1", "2000::1"],
  [null, "2001::", "2001:1ff:ffff::1", "2001:200::1"],
  ["2001:db7::1", "2001:db8::", "2001:db8:ffff::1", "2001:db9::1"],
  ["2001:ffff::1", "2002::", "2002:ffff:ffff::1", "2003::1"],
  ["3ffe::1", "3fff::1", "3fff:fff::1", null],
  ["3ffe:ffff::1", "4000::1", "ffff::1", null],
];

describe("an address", () => {
  it.each(RANGES)("%s | %s … %s | %s", (before, first, last, after) => {
    expect([first, last].map(isPublicAddress)).toEqual([false, false]);
    for (const neighbour of [before, after]) if (neighbour) expect(isPublicAddress(neighbour), neighbour).toBe(true);
  });

  it("that holds one of IPv4 is never public, whatever it holds", () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const hex = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
        const [high, low] = [`${hex[0]}${hex[1]}`, `${hex[2]}${hex[3]}`];
        for (const each of [
          `::ffff:${address}`,
          `::${address}`,
          `64:ff9b::${address}`,
          `64:ff9b:1::${address}`,
          `2002:${high}:${low}::1`,
          `2001:0:${high}:${low}::1`,
        ])
          expect(isPublicAddress(each), each).toBe(false);
      }),
      { numRuns: 500, seed: SEED },
    );
  });

  it("is not what only looks like one", () => {
    for (const text of [
      "",
      "1",
      "1.2.3",
      "0x1.2.3.4",
      "01.2.3.4",
      "1.2.3.4/32",
      "2606:4700::1111%eth0",
      "example.org",
      "[2606::1]",
    ])
      expect(isPublicAddress(text), text).toBe(false);
  });
});

describe("ranges", () => {
  it("hold their addresses, of their own family", () => {
    const ranges = new AddressRanges(["10.1.0.0/16", "192.168.1.1", "fd00:1::/32"]);
    for (const address of ["10.1.0.0", "10.1.255.255", "192.168.1.1", "fd00:1:ffff::"])
      expect(ranges.includes(address), address).toBe(true);
    for (const address of ["10.2.0.0", "192.168.1.2", "fd00:2::", "::ffff:10.1.0.1", "nonsense"])
      expect(ranges.includes(address), address).toBe(false);
  });

  it.each([
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.1/8",
    "10.0.0.0/8/8",
    "10/8",
    "x",
    "::/129",
    "fd00::1/64",
    "10.0.0.0/-1",
  ])("%s is none", (text) => {
    expect(() => new AddressRanges([text])).toThrow(text);
  });
});

it("clients are counted by address, in IPv6 by /64", () => {
  expect(addressGroup("1.2.3.4")).toBe("1.2.3.4");
  expect(addressGroup("::ffff:1.2.3.4")).toBe("1.2.3.4");
  expect(addressGroup("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(unmapped("::FFFF:7F00:1")).toBe("127.0.0.1");
});
