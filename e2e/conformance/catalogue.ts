import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Check, fullName, type ProgramCheck } from "./check.ts";
import { programDirectory, shellCheckDirectory } from "./paths.ts";
import { parseShellChecks } from "./shell-checks.ts";

const PROGRAM_TIMEOUT_MS = 60_000;
const CASE = /^CHECK\("([^"]+)"\)/gm;

const files = (directory: string, ending: string): string[] =>
  existsSync(directory)
    ? readdirSync(directory)
        .filter((name) => name.endsWith(ending))
        .sort()
    : [];

/** C files that hold checks; the harness has none. */
export const programFiles = (): string[] => files(programDirectory, ".c").map((name) => join(programDirectory, name));

function programChecks(file: string): ProgramCheck[] {
  const domain = basename(file, ".c");
  return [...readFileSync(file, "utf8").matchAll(CASE)].map(([, name = ""]) => ({
    kind: "program",
    domain,
    name,
    timeoutMs: PROGRAM_TIMEOUT_MS,
  }));
}

/** Every check there is, ordered by domain. @throws Error for a name used twice. */
export function allChecks(): Check[] {
  const checks: Check[] = [
    ...files(shellCheckDirectory, ".checks").flatMap((name) =>
      parseShellChecks(basename(name, ".checks"), readFileSync(join(shellCheckDirectory, name), "utf8")),
    ),
    ...programFiles().flatMap(programChecks),
  ];
  const seen = new Set<string>();
  for (const check of checks) {
    const name = fullName(check);
    if (seen.has(name)) throw new Error(`two checks are called "${name}"`);
    seen.add(name);
  }
  return checks.sort((a, b) => (a.domain < b.domain ? -1 : a.domain > b.domain ? 1 : 0));
}
