import { expect, it } from "vitest";
import { differences, parseOutcomes } from "./suite.ts";

it("numbers a case that is reported twice", () => {
  expect([...parseOutcomes("a\tpass\na\tfail\nnoise\n")]).toEqual([
    ["a", "pass"],
    ["a (2)", "fail"],
  ]);
});

it("tells cases that ended otherwise, or ran on one side only", () => {
  const emulated = parseOutcomes("same\tfail\nworse\tfail\nmore\tpass");
  const native = parseOutcomes("same\tfail\nworse\tpass\nless\tpass");
  expect(differences(emulated, native)).toEqual([
    { name: "less", emulated: "not run", native: "pass" },
    { name: "more", emulated: "pass", native: "not run" },
    { name: "worse", emulated: "fail", native: "pass" },
  ]);
});
