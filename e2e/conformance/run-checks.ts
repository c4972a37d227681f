import type { KernelSession } from "warmboot";
import { type Check, type CheckResult, fullName, type Outcome, type ProgramCheck, type ShellCheck } from "./check.ts";

const GUEST_DIRECTORY = "/var/tmp/conformance";
/** Where the compiled checks of system calls are in the guest. */
export const GUEST_PROGRAM = "/usr/local/bin/conformance";
const EXIT_SKIPPED = 77;

/** Runs checks one after the other, each in an empty directory of its own. */
export async function runChecks(
  session: KernelSession,
  checks: readonly Check[],
  onResult: (result: CheckResult) => void = () => {},
): Promise<CheckResult[]> {
  const last = checks.length - 1;
  const made = await session.exec(
    `mkdir -p ${GUEST_DIRECTORY} && cd ${GUEST_DIRECTORY} && seq 0 ${last} | xargs mkdir && chmod 1777 . *`,
  );
  if (made.exitCode !== 0) throw new Error(`cannot make ${GUEST_DIRECTORY}: ${made.stderr}`);
  const results: CheckResult[] = [];
  for (const [index, check] of checks.entries()) {
    const cwd = `${GUEST_DIRECTORY}/${index}`;
    const outcome =
      check.kind === "shell" ? await runShell(session, check, cwd) : await runProgram(session, check, cwd);
    const result = { check, outcome };
    results.push(result);
    onResult(result);
  }
  await session.exec(`rm -rf ${GUEST_DIRECTORY}`);
  return results;
}

async function runShell(session: KernelSession, check: ShellCheck, cwd: string): Promise<Outcome> {
  const { user, timeoutMs, script, expected } = check;
  const result = await session.exec(script, { shell: "/bin/bash", cwd, user, timeoutMs });
  const actual = result.stdout.trimEnd();
  if (actual === expected && result.exitCode === 0 && !result.timedOut) return { status: "pass" };
  return { status: "fail", expected, actual: actual + ending(result, check) };
}

async function runProgram(session: KernelSession, check: ProgramCheck, cwd: string): Promise<Outcome> {
  const result = await session.exec(`exec ${GUEST_PROGRAM} "$DOMAIN" "$CASE"`, {
    cwd,
    timeoutMs: check.timeoutMs,
    env: { DOMAIN: check.domain, CASE: check.name },
  });
  if (result.exitCode === 0 && /^[1-9]\d* assertions$/.test(result.stdout.trim())) return { status: "pass" };
  if (result.exitCode === EXIT_SKIPPED) return { status: "skip", reason: result.stdout.trim() };
  return {
    status: "fail",
    expected: "exit code 0 after at least one assertion",
    actual: result.stdout + ending(result, check),
  };
}

function ending(
  {
    exitCode,
    signal,
    timedOut,
    stderr,
  }: { exitCode: number | null; signal: string | null; timedOut: boolean; stderr: string },
  check: Check,
): string {
  const how = timedOut
    ? `killed after ${check.timeoutMs / 1000} s`
    : signal
      ? `ended by ${signal}`
      : `exit code ${exitCode}`;
  return `\n(${how})${stderr.trim() && `\nstderr: ${stderr.trim().slice(-2000)}`}`;
}

/** A failure as text for people. */
export function describeFailure({ check, outcome }: CheckResult): string {
  if (outcome.status !== "fail") return "";
  return `${fullName(check)}\n  expected: ${outcome.expected.replaceAll("\n", "\n    ")}\n  actual:   ${outcome.actual.replaceAll("\n", "\n    ")}`;
}
