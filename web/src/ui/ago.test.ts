import { expect, it } from "vitest";
import { formatAgo } from "./ago.ts";

it.each([
  [-5, "0 s"],
  [0, "0 s"],
  [1999, "1 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_599_999, "59 min"],
  [7_200_000, "2 h"],
  [700_000_000, "8 d"],
])("%d ms are %j", (ms, text) => {
  expect(formatAgo(ms)).toBe(text);
});
