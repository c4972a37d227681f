/** The last result of each suite and side, kept so that a case can be looked at and the page made anew without hours of running. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../paths.ts";
import type { SideRun, SuiteRun } from "./report.ts";
import { type Side, type Suite, suites } from "./suite.ts";

const directory = join(cacheDirectory, "foreign-results");
const file = (suite: Suite, side: Side): string => join(directory, `${suite.name}.${side}.json`);

export function keepRun(suite: Suite, side: Side, run: SideRun): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(file(suite, side), JSON.stringify({ ...run, outcomes: [...run.outcomes] }));
}

function keptRun(suite: Suite, side: Side): SideRun {
  const { outcomes, ...rest } = JSON.parse(readFileSync(file(suite, side), "utf8")) as Omit<SideRun, "outcomes"> & {
    outcomes: [string, string][];
  };
  return { ...rest, outcomes: new Map(outcomes) };
}

/** The suites that have run on both sides, in their order. */
export function keptRuns(): SuiteRun[] {
  return suites
    .filter((suite) => existsSync(file(suite, "emulated")) && existsSync(file(suite, "native")))
    .map((suite) => ({ suite, emulated: keptRun(suite, "emulated"), native: keptRun(suite, "native") }));
}
