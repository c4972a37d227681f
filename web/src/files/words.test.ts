import { expect, it } from "vitest";
import { count, modeText, sizeText, timeText } from "./words.ts";

it.each([
  ["file", 0o644, "-rw-r--r--"],
  ["file", 0o4755, "-rwsr-xr-x"],
  ["file", 0o4644, "-rwSr--r--"],
  ["directory", 0o1777, "drwxrwxrwt"],
  ["directory", 0o2750, "drwxr-s---"],
  ["symlink", 0o777, "lrwxrwxrwx"],
] as const)("a %s of mode %o is %s", (type, mode, text) => {
  expect(modeText({ type, mode })).toBe(text);
});

it("sizes and counts", () => {
  expect([sizeText(0), sizeText(999), sizeText(1000), sizeText(3_210_000)]).toEqual(["0 B", "999 B", "1 kB", "3.2 MB"]);
  expect([count(1, "file"), count(2, "file"), count(2, "directory", "directories")]).toEqual([
    "1 file",
    "2 files",
    "2 directories",
  ]);
});

it("times are short, and not ambiguous", () => {
  const now = new Date(2026, 5, 7, 12, 0);
  expect(timeText(new Date(2026, 5, 7, 9, 5).getTime(), now)).toMatch(/05/);
  expect(timeText(new Date(2026, 0, 2).getTime(), now)).not.toMatch(/2026/);
  expect(timeText(new Date(2021, 0, 2).getTime(), now)).toMatch(/2021/);
});
