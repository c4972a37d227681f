import { expect, it } from "vitest";
import { PortCookies } from "./cookies.ts";

class FakeStorage {
  readonly kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

const jar = (store: FakeStorage | null = null, port = 8000) =>
  new PortCookies("abcdefgh01234567", port, store as unknown as Storage | null);

it("a server's cookies come back to it, by path and time, and scripts see what they may", () => {
  const cookies = jar();
  cookies.set(
    ["a=1; Path=/", "b=2; Path=/sub; HttpOnly", "c=3; Max-Age=0", "d=4; Domain=localhost", "e=5; Secure"],
    "/",
  );
  expect(cookies.header("/")).toBe("a=1; d=4; e=5");
  expect(cookies.header("/sub/x")).toBe("b=2; a=1; d=4; e=5");
  expect(cookies.forScripts("/sub/x")).toBe("a=1; d=4; e=5");
  cookies.set(["a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/", "x=1; Domain=example.org"], "/");
  expect(cookies.header("/")).toBe("d=4; e=5");
});

it("a script neither sets nor changes what is the server's alone", () => {
  const cookies = jar();
  cookies.set(["session=real; HttpOnly; Path=/"], "/");
  cookies.set(["session=mine; Path=/", "own=1; HttpOnly", "fine=1"], "/", true);
  expect(cookies.header("/")).toBe("session=real; fine=1");
});

it("they last as long as the tab, for each port by itself, and are not too many", () => {
  const store = new FakeStorage();
  jar(store).set(["a=1", ...Array.from({ length: 300 }, (_, at) => `n${at}=${"x".repeat(10)}`)], "/");
  const again = jar(store);
  expect(again.header("/").split("; ")).toHaveLength(180);
  expect(again.header("/")).toContain("n299=");
  expect(jar(store, 9000).header("/")).toBe("");
  jar(store).set([`big=${"x".repeat(10_000)}`], "/");
  expect(jar(store).header("/")).not.toContain("big");
});
