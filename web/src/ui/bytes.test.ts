import { expect, it } from "vitest";
import { formatBytes, formatMib, formatUsed } from "./bytes.ts";

it.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1499, "1 kB"],
  [512_000, "512 kB"],
  [3_210_000, "3.2 MB"],
  [10_745_200_000, "10.7 GB"],
])("%d bytes are %j", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [84e6, 245e6, "84 of 245 MB"],
  [1.26e9, 4.2e9, "1.3 of 4.2 GB"],
])("%d of %d bytes are %s", (used, total, text) => {
  expect(formatUsed(used, total)).toBe(text);
});

it.each([
  [256, "256 MiB"],
  [1536, "1.5 GiB"],
  [4096, "4 GiB"],
  [2047, "2047 MiB"],
])("%d MiB are %s", (mib, text) => {
  expect(formatMib(mib)).toBe(text);
});
