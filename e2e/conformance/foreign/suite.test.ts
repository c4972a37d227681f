import { expect, it } from "vitest";
import { differences, parseOutcomes } from "./suite.ts";

it("numbers a case that is reported twice", () => {
  expect([...parseOutcomes("a\tpass\na\tfail\nnoise\n")]).toEqual([
    ["a", "pass"],
    ["a (2)", "fail"],
  ]);
});

it("reads a case that has a tab in its name, and leaves out a line that is not whole", () => {
  expect([...parseOutcomes("s with \t (ext)\tpass\nb\t")]).toEqual([["s with \t (ext)", "pass"]]);
});

it("tells cases that ended otherwise, or ran on one side only", () => {
  const emulated = parseOutcomes("same\tfail\nworse\tfail\nmore\tpass");
  const native = parseOutcomes("same\tfail\nworse\tpass\nless\tpass");
  expect(differences(emulated, native)).toEqual([
    { name: "less", emulated: "not reached", native: "pass" },
    { name: "more", emulated: "pass", native: "not reached" },
    { name: "worse", emulated: "fail", native: "pass" },
  ]);
});
