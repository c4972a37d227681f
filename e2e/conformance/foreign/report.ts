import { type Difference, differences, type Outcomes, type Suite } from "./suite.ts";

export interface SuiteRun {
  readonly suite: Suite;
  readonly version: string;
  readonly date: string;
  readonly kernel: string;
  readonly imageId: string;
  readonly emulated: Outcomes;
  readonly native: Outcomes;
  readonly emulatedSeconds: number;
  readonly nativeSeconds: number;
}

/** Causes of differences: by suite, then by a regular expression on the case's name, first match. */
export type Causes = Readonly<Record<string, Readonly<Record<string, string>>>>;

const STATUSES = ["pass", "fail", "skip", "unresolved", "unsupported", "untested", "crashed", "hung"];

function counts(outcomes: Outcomes): string {
  const values = [...outcomes.values()];
  return STATUSES.map((status) => [status, values.filter((each) => each === status).length] as const)
    .filter(([, count]) => count > 0)
    .map(([status, count]) => `${count} ${status}`)
    .join(", ");
}

/** The cause found for a difference, or `undefined`. */
export function causeOf(suite: string, { name }: Difference, causes: Causes): string | undefined {
  return Object.entries(causes[suite] ?? {}).find(([pattern]) => new RegExp(pattern).test(name))?.[1];
}

/** The page as Markdown; `unexplained` counts the differences without a cause. */
export function renderForeign(runs: readonly SuiteRun[], causes: Causes): { text: string; unexplained: number } {
  let unexplained = 0;
  const lines = [
    "# Foreign suites",
    "",
    "Made by `npm run conformance:foreign`; do not edit. Suites that nobody of this project wrote, from Debian 13's source packages, built for i386 and",
    "run twice in the same small Debian root: inside the machine, and natively in a chroot on the computer that builds (an x86-64 kernel runs i386 programs).",
    "Time limits are ten times as long inside the machine. `--suite NAME` runs one of them; it needs root, a Debian mirror and mmdebstrap.",
    "",
    "| suite | source | emulated | natively | differences | time emulated | time natively |",
    "|---|---|---|---|---|---|---|",
  ];
  const sections: string[] = [];
  for (const run of runs) {
    const { suite, emulated, native } = run;
    const different = differences(emulated, native);
    lines.push(
      `| ${suite.title} (\`${suite.name}\`) | ${suite.source} ${run.version} | ${counts(emulated)} | ${counts(native)} | ${different.length} | ${run.emulatedSeconds} s | ${run.nativeSeconds} s |`,
    );
    sections.push(
      "",
      `## ${suite.name}`,
      "",
      `Run on ${run.date}; in the machine ${run.kernel}, image \`${run.imageId}\`.`,
      "",
    );
    if (different.length === 0) sections.push("No case ended differently.");
    else sections.push("| case | emulated | natively | cause |", "|---|---|---|---|");
    for (const each of different) {
      const cause = causeOf(suite.name, each, causes);
      if (cause === undefined) unexplained++;
      sections.push(
        `| ${each.name.replaceAll("|", "\\|")} | ${each.emulated} | ${each.native} | ${cause ?? "**not explained**"} |`,
      );
    }
  }
  return { text: `${[...lines, ...sections].join("\n")}\n`, unexplained };
}
