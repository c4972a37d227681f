import { expect, it } from "vitest";
import { freeName, nameProblem } from "./machine-name.ts";

it.each([
  ["work", null],
  ["a/ü 😀", null],
  ["", "It needs a name."],
  ["x".repeat(100), null],
  ["x".repeat(101), "A name has at most 100 characters."],
  ["a\tb", "A name has no control characters."],
  ["taken", 'There is one called "taken" already.'],
])("%j: %j", (name, problem) => {
  expect(nameProblem(name, ["taken"])).toBe(problem);
});

it.each([
  ["work", "work"],
  ["taken", "taken 3"],
  ["a\u0000b", "ab"],
  ["\n", "machine"],
  ["x".repeat(200), "x".repeat(95)],
])("a free name for %j is %j", (name, free) => {
  expect(freeName(name, ["taken", "taken 2"])).toBe(free);
  expect(nameProblem(freeName(name, ["taken", "taken 2"]), ["taken", "taken 2"])).toBeNull();
});
