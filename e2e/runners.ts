/** Runs the test runners, and reads what they write about themselves. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterSecondTry, type Count, countVitest, failedFiles, step } from "./report.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Folder of the reports. */
export const results = `${root}e2e/test-results/`;
/** A test that fails is run once more, and named if it passes then: a busy computer has its hiccups. More than these are none. */
export const MOST_UNSTEADY = 3;

/** Runs a command with its output shown; true when it succeeded. */
export function run(title: string, command: string, args: string[], env: Record<string, string> = {}): boolean {
  console.log(`\n== ${title}`);
  return spawnSync(command, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } }).status === 0;
}

/** What a runner wrote about itself; a runner that failed without counting a failure counts as one. */
export function count(file: string, succeeded: boolean, read: (report: Record<string, unknown>) => Count): Count {
  let counted: Count;
  try {
    counted = read(readReport(file));
  } catch (error) {
    return step(`${file}: ${String(error)}`, false);
  }
  if (succeeded || counted.failed > 0) return counted;
  return { ...counted, failed: 1, failures: [`${file}: the runner failed, and counted no failure`] };
}

function readReport(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
}

/** Runs vitest by a command; files with a few failures are run once more. */
export function runVitest(
  title: string,
  name: string,
  [command, ...args]: readonly [string, ...string[]],
  env = {},
): Count {
  const once = (heading: string, report: string, files: readonly string[]) => {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    return count(report, run(heading, command, [...args, ...reporters, ...files], env), countVitest);
  };
  const report = `${results}${name}.json`;
  const first = once(title, report, []);
  if (first.failed === 0 || first.failed > MOST_UNSTEADY) return first;
  const files = existsSync(report) ? failedFiles(readReport(report)) : [];
  return files.length === 0
    ? first
    : afterSecondTry(first, once(`${title}, again`, `${results}${name}-again.json`, files));
}
