import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { imageList, otherImages } from "./other-images.ts";

const folder = mkdtempSync(join(tmpdir(), "warmboot-images-"));
afterAll(() => rmSync(folder, { recursive: true }));

function image(...path: string[]): string {
  const at = join(folder, ...path);
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "image.json"), "{}");
  return at;
}

it("images have the names of their folders, and the default one comes first", () => {
  const small = image("small");
  expect(otherImages([`${small}/`])).toEqual({ small: `${small}/` });
  expect(JSON.parse(imageList({ small }))).toEqual(["default", "small"]);
  expect(JSON.parse(imageList({}))).toEqual(["default"]);
});

it.each([
  ["none that is prepared", () => [join(folder, "nothing")], "no prepared image"],
  ["two of one name", () => [image("one", "twin"), image("two", "twin")], 'two images "twin"'],
  ["another default", () => [image("default")], 'two images "default"'],
  ["what is no name", () => [image("a b")], "cannot be the name"],
])("refused: %s", (_what, folders, reason) => {
  expect(() => otherImages(folders())).toThrow(reason);
});
