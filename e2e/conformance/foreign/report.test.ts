import { expect, it } from "vitest";
import { renderForeign, type SideRun } from "./report.ts";
import { parseOutcomes, suites } from "./suite.ts";

const side = (text: string): SideRun => ({
  version: "1",
  date: "2026-01-01",
  machine: "Linux",
  outcomes: parseOutcomes(text),
  seconds: 60,
});
const suite = suites[0];
if (suite === undefined) throw new Error("there is a suite");

it("counts what the machine did not get to neither as passed nor as failed, and asks for a cause of every other difference", () => {
  const runs = [
    { suite, emulated: side("a\tfail\nb\tpass\nc\tfail"), native: side("a\tpass\nb\tpass\nc\tpass\nd\tpass") },
  ];
  const { text, unexplained } = renderForeign(runs, {
    [suite.name]: { "^a: fail, pass": "why", "^c: pass": "the other way" },
  });
  expect(text).toContain("| 1 pass, 2 fail, 1 not reached | 4 pass | 3 |");
  expect(text).toContain("| a | fail | pass | why |");
  expect(text).toContain("| c | fail | pass | **not explained** |");
  expect(unexplained).toBe(1);
});
