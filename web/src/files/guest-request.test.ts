import { expect, it } from "vitest";
import { parseRequest } from "./guest-request.ts";

const encode = (path: string) => Buffer.from(path).toString("base64");

it("reads what the guest's commands write", () => {
  const paths = ["/root/a b", "/tmp/日本\n'\"", "/\ufeffx"];
  expect(parseRequest(`download;${paths.map(encode).join(";")}`)).toEqual({ verb: "download", paths });
  expect(parseRequest(`upload;${encode("/root")}`)).toEqual({ verb: "upload", paths: ["/root"] });
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
  expect(parseRequest(data)).toBeNull();
});
