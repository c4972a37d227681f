/** The last result of each suite, kept so that a case can be looked at and the page made anew without hours of running. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../paths.ts";
import type { SuiteRun } from "./report.ts";
import { suites } from "./suite.ts";

const directory = join(cacheDirectory, "foreign-results");
const file = (name: string): string => join(directory, `${name}.json`);

export function keepRun(run: SuiteRun): void {
  mkdirSync(directory, { recursive: true });
  const { suite, emulated, native, ...rest } = run;
  writeFileSync(file(suite.name), JSON.stringify({ ...rest, emulated: [...emulated], native: [...native] }));
}

/** The results there are, in the order of the suites. */
export function keptRuns(): SuiteRun[] {
  return suites
    .filter(({ name }) => existsSync(file(name)))
    .map((suite) => {
      const { emulated, native, ...rest } = JSON.parse(readFileSync(file(suite.name), "utf8")) as Omit<
        SuiteRun,
        "suite" | "emulated" | "native"
      > & { emulated: [string, string][]; native: [string, string][] };
      return { ...rest, suite, emulated: new Map(emulated), native: new Map(native) };
    });
}
