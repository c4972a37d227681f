import { expect, it } from "vitest";
import { guestOriginOf, guestPortOf, labelOf, shownAddress, siblingOrigin, siteOrigin } from "./address.ts";

const ID = "abcdefgh01234567";
const ORIGIN = `https://8000-${ID}.ports.example`;

it.each([
  [`8000-${ID}.localhost`, { port: 8000, id: ID }],
  [`70000-${ID}.localhost`, null],
  [`0-${ID}.localhost`, null],
  ["localhost", null],
  [`8000-${ID.toUpperCase()}.localhost`, null],
  ["8000-short.localhost", null],
])("the label of %s", (host, expected) => {
  expect(labelOf(host)).toEqual(expected);
});

it.each([
  ["http://localhost:8000/a?b#c", `${ORIGIN}/a?b#c`],
  ["http://127.0.0.1:9000/", `https://9000-${ID}.ports.example/`],
  ["http://0.0.0.0:8000/", `${ORIGIN}/`],
  ["http://10.0.2.15:8000/", `${ORIGIN}/`],
  ["http://localhost/", `https://80-${ID}.ports.example/`],
  ["/path", `${ORIGIN}/path`],
  ["https://example.org/", "https://example.org/"],
  ["http://localhost.example.org/", "http://localhost.example.org/"],
  ["mailto:a@b.example", "mailto:a@b.example"],
])("%s is shown at %s", (address, expected) => {
  expect(shownAddress(address, `${ORIGIN}/x`, ORIGIN)).toBe(expected);
});

it("the guest knows its own addresses", () => {
  expect(guestOriginOf(new URL(`${ORIGIN}/a`))).toBe("http://localhost:8000");
  expect(guestOriginOf(new URL("https://example.org/a"))).toBe("https://example.org");
  expect(guestPortOf(new URL("ws://[::1]:81/"))).toBe(81);
  expect(guestPortOf(new URL("ftp://localhost/"))).toBe(null);
  expect(siblingOrigin(ORIGIN, 1)).toBe(`https://1-${ID}.ports.example`);
});

it("the site of an origin is the one that was built in, or the host that it is under on this computer", () => {
  const local = (host: string) => siteOrigin("", new URL(`http://${host}`));
  expect(local(`8000-${ID}.localhost:8080`)).toBe("http://localhost:8080");
  expect(local(`8000-${ID}.a.localhost`)).toBe("http://a.localhost");
  expect(local("localhost:8080")).toBe("");
  expect(local(`8000-${ID}.example.org`)).toBe("");
  expect(siteOrigin("https://site.example", new URL(ORIGIN))).toBe("https://site.example");
});
