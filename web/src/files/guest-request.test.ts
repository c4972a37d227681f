import { expect, it } from "vitest";
import { parseRequest } from "./guest-request.ts";

const token = "01234567-89ab-cdef-0123-456789abcdef";
const encode = (path: string) => Buffer.from(path).toString("base64");

it("reads what the guest's commands write", () => {
  const paths = ["/root/a b", "/tmp/日本\n'\"", "/\ufeffx"];
  expect(parseRequest(`${token};download;${paths.map(encode).join(";")}`)).toEqual({ token, verb: "download", paths });
  expect(parseRequest(`${token};upload;${encode("/root")}`)).toEqual({ token, verb: "upload", paths: ["/root"] });
});

it.each([
  ["nothing", ""],
  ["no path", "download"],
  ["an empty path", "download;"],
  ["another verb", `remove;${encode("/root")}`],
  ["a relative path", `download;${encode("a")}`],
  ["a NUL", `download;${encode("/a\0b")}`],
  ["no base64", "download;/root/a"],
  ["no UTF-8", `download;${Buffer.from([0x2f, 0xff]).toString("base64")}`],
  ["a path that is too long", `download;${encode(`/${"a".repeat(4095)}`)}`],
  ["two directories to upload to", `upload;${encode("/a")};${encode("/b")}`],
  ["too many paths", `download${`;${encode("/a")}`.repeat(1001)}`],
  ["too long a text", `download;${"A".repeat(70_000)}`],
])("refuses %s", (_what, data) => {
  expect(parseRequest(`${token};${data}`)).toBeNull();
});

it.each(["", "../../etc/passwd", `${token}x`, token.toUpperCase()])("refuses %j for a token", (other) => {
  expect(parseRequest(`${other};upload;${encode("/root")}`)).toBeNull();
});
