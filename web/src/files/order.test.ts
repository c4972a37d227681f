import { expect, it } from "vitest";
import type { FileEntry } from "warmboot";
import { arrange, type Column } from "./order.ts";

const entry = (name: string, size: number, mtimeMs: number, type = "file") =>
  ({ name, size, mtimeMs, type }) as FileEntry;
const entries = [
  entry("b10", 5, 1),
  entry("b9", 7, 3),
  entry(".h", 1, 2),
  entry("z", 4096, 0, "directory"),
  entry("B9", 5, 9),
];
const names = (column: Column, descending = false, showHidden = false) =>
  arrange(entries, { column, descending }, showHidden).map(({ name }) => name);

it("orders by each column, directories first, hidden ones only when wanted", () => {
  expect(names("name")).toEqual(["z", "B9", "b9", "b10"]);
  expect(names("name", true)).toEqual(["z", "b10", "b9", "B9"]);
  expect(names("size")).toEqual(["z", "B9", "b10", "b9"]);
  expect(names("time", true, true)).toEqual(["z", "B9", "b9", ".h", "b10"]);
});
