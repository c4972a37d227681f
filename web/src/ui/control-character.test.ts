import { expect, it } from "vitest";
import { controlCharacter } from "./control-character.ts";

it.each([
  ["c", "\x03"],
  ["C", "\x03"],
  ["[", "\x1b"],
  ["@", "\x00"],
  [" ", "\x00"],
  ["_", "\x1f"],
  ["?", "\x7f"],
  ["1", "1"],
  ["~", "~"],
  ["ß", "ß"],
  ["\x1b[A", "\x1b[A"],
])("Ctrl and %j is %j", (typed, sent) => {
  expect(controlCharacter(typed)).toBe(sent);
});
