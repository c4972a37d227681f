import { expect, it } from "vitest";
import { formatBytes } from "./bytes.ts";

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
