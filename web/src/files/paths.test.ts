import { describe, expect, it } from "vitest";
import {
  baseName,
  freeName,
  joinPath,
  nameToSave,
  parentOf,
  partsOf,
  problemOfName,
  resolvePath,
  shownName,
  stepsTo,
} from "./paths.ts";

describe("paths", () => {
  it("are joined and taken apart", () => {
    expect([joinPath("/", "a"), joinPath("/a", "b")]).toEqual(["/a", "/a/b"]);
    expect([parentOf("/a/b"), parentOf("/a"), parentOf("/")]).toEqual(["/a", "/", "/"]);
    expect([baseName("/a/b"), baseName("/")]).toEqual(["b", "/"]);
    expect(stepsTo("/a/b c").map(({ path }) => path)).toEqual(["/", "/a", "/a/b c"]);
  });

  it.each([
    ["~", "/root"],
    ["~/a", "/root/a"],
    ["b/../c/./d", "/x/c/d"],
    ["/../..//etc/", "/etc"],
    ["..", "/"],
  ])("%j typed in /x leads to %j", (typed, path) => {
    expect(resolvePath(typed, "/x")).toBe(path);
  });
});

describe("names", () => {
  it("show what has no glyph", () => {
    expect(shownName("caf\udce9\n\u001b[31m\u202etxt.exe")).toBe("caf\\xe9\\n\ufffd[31m\ufffdtxt.exe");
    expect(shownName("日本 🎉 'x'")).toBe("日本 🎉 'x'");
  });

  it.each(["", ".", "..", "a/b", "a\0", "é".repeat(128)])("%j is none for a file", (name) => {
    expect(problemOfName(name)).not.toBeNull();
  });

  it.each(["a", "...", " ", "a\nb", "é".repeat(127)])("%j is one for a file", (name) => {
    expect(problemOfName(name)).toBeNull();
  });

  it("are made safe for every system", () => {
    expect(nameToSave('a\n"b"/..\\c:d\udce9')).toBe("a__b__.._c_d_");
    expect([nameToSave(".."), nameToSave("")]).toEqual(["file", "file"]);
  });

  it("get a number when they are taken", () => {
    const taken = new Set(["a.txt", "a (2).txt", ".bashrc"]);
    const free = (name: string) => freeName(name, (each) => taken.has(each));
    expect([free("a.txt"), free(".bashrc"), free("b")]).toEqual(["a (3).txt", ".bashrc (2)", "b (2)"]);
  });

  it("of a dropped file lead down only", () => {
    expect(partsOf("./a.txt")).toEqual(["a.txt"]);
    expect(partsOf("/dir/sub/a")).toEqual(["dir", "sub", "a"]);
    expect([partsOf("a/../../etc/passwd"), partsOf("/"), partsOf("a\0b")]).toEqual([null, null, null]);
  });
});
