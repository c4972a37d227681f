/** What a check needs beside the image. */
export type Need = "gdb";

interface CheckBase {
  /** Lower-case words with hyphens, e.g. `memory-protection`. */
  readonly domain: string;
  /** Says what holds; unique in its domain. */
  readonly name: string;
  /** The check's process group is killed after this long. */
  readonly timeoutMs: number;
}

/** A script whose stdout must be what is expected, with exit code 0. */
export interface ShellCheck extends CheckBase {
  readonly kind: "shell";
  readonly script: string;
  /** Without trailing newlines. */
  readonly expected: string;
  /** Who runs it. */
  readonly user: string;
  readonly needs: readonly Need[];
}

/** A case of a C program that asserts for itself. */
export interface ProgramCheck extends CheckBase {
  readonly kind: "program";
}

export type Check = ShellCheck | ProgramCheck;

/** What came of a check. */
export type Outcome =
  | { readonly status: "pass" }
  | { readonly status: "skip"; readonly reason: string }
  | { readonly status: "fail"; readonly expected: string; readonly actual: string };

export interface CheckResult {
  readonly check: Check;
  readonly outcome: Outcome;
}

/** A check's name across domains. */
export const fullName = ({ domain, name }: Check): string => `${domain}: ${name}`;
