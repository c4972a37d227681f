import { type Difference, differences, NOT_REACHED, type Outcomes, type Suite } from "./suite.ts";

/** What came of one run of a suite, on one side. */
export interface SideRun {
  readonly version: string;
  readonly date: string;
  /** The machine's kernel and image; empty for the native side. */
  readonly machine: string;
  readonly outcomes: Outcomes;
  readonly seconds: number;
}

export interface SuiteRun {
  readonly suite: Suite;
  readonly emulated: SideRun;
  readonly native: SideRun;
}

/**
 * Causes of differences: by suite, then by a regular expression on `CASE: EMULATED, NATIVE`, first match. A cause that holds only one way round names
 * the outcomes too, so that it does not stand for another difference of the same case later.
 */
export type Causes = Readonly<Record<string, Readonly<Record<string, string>>>>;

const STATUSES = ["pass", "fail", "skip", "unresolved", "unsupported", "untested", "crashed", "hung"];
const HEADER = [
  "Made by `npm run conformance:foreign`; do not edit. Suites that nobody of this project wrote, from Debian 13's source packages, built for i386 and",
  "run twice in the same small Debian root: inside the machine (512 MiB), and natively in a chroot on the computer that builds (an x86-64 kernel runs i386",
  "programs). Every difference is listed with its cause. `--suite NAME` runs one of them, `--case NAME --times N` single cases on both sides, which is how",
  "causes were looked into. It needs root, a Debian mirror and mmdebstrap.",
  "",
  "What these figures do not say:",
  "",
  "- A case that fails on both sides alike is not looked into: it is the suite's, the C library's or the root's matter, not the machine's.",
  "- The programs under test are those built from the sources, not those on the machine's disk; they test the kernel and the emulated CPU with them.",
  "- Both sides have namespaces of their own, a /dev of six nodes, a loopback and no other network, and no right to set the clock, to pass limits or to",
  "  touch the kernel. What needs more is skipped or fails on both sides alike.",
  "- Many cases give something a tenth of a second, or one. In the machine libuv's tests have ten times their own limits; a case of Open POSIX has 180 s",
  "  there and 60 s natively, and is called hung when it takes longer. Its cases run six at a time, and get in each other's way.",
  "- The kernels differ in version. Both sides have one core: the native run is kept to one.",
  "- One run on each side. A case that depends on timing may end otherwise in the next.",
];

function counts({ outcomes }: SideRun, total: number): string {
  const values = [...outcomes.values()];
  const count = (status: string): number => values.filter((each) => each === status).length;
  return [
    ...STATUSES.map((status) => ({ status, count: count(status) })),
    { status: NOT_REACHED, count: total - values.length },
  ]
    .filter((each) => each.count > 0)
    .map((each) => `${each.count} ${each.status}`)
    .join(", ");
}

/** The cause found for a difference, or `undefined`. */
export function causeOf(suite: string, { name, emulated, native }: Difference, causes: Causes): string | undefined {
  const difference = `${name}: ${emulated}, ${native}`;
  return Object.entries(causes[suite] ?? {}).find(([pattern]) => new RegExp(pattern).test(difference))?.[1];
}

function differencesOf(
  { suite, emulated, native }: SuiteRun,
  causes: Causes,
): { lines: string[]; unexplained: number } {
  const different = differences(emulated.outcomes, native.outcomes);
  const unreached = different.filter((each) => each.emulated === NOT_REACHED);
  const listed = different.filter((each) => each.emulated !== NOT_REACHED);
  const lines: string[] = [];
  if (unreached.length > 0)
    lines.push(
      `Not reached in the machine within ${emulated.seconds} s, and counted neither as passed nor as failed: ${unreached.length} cases, ` +
        `from \`${unreached[0]?.name}\` to \`${unreached.at(-1)?.name}\`.`,
      "",
    );
  if (listed.length === 0) lines.push("No case that ran on both sides ended differently.");
  else lines.push("| case | emulated | natively | cause |", "|---|---|---|---|");
  let unexplained = 0;
  for (const each of listed) {
    const cause = causeOf(suite.name, each, causes);
    if (cause === undefined) unexplained++;
    const name = each.name.replaceAll("|", "\\|");
    lines.push(`| ${name} | ${each.emulated} | ${each.native} | ${cause ?? "**not explained**"} |`);
  }
  return { lines, unexplained };
}

/** The page as Markdown; `unexplained` counts the differences without a cause. */
export function renderForeign(runs: readonly SuiteRun[], causes: Causes): { text: string; unexplained: number } {
  let unexplained = 0;
  const lines = [
    "# Foreign suites",
    "",
    ...HEADER,
    "",
    "| suite | source | emulated | natively | differences | time emulated | time natively |",
    "|---|---|---|---|---|---|---|",
  ];
  const sections: string[] = [];
  for (const run of runs) {
    const { suite, emulated, native } = run;
    const found = differencesOf(run, causes);
    unexplained += found.unexplained;
    const total = new Set([...emulated.outcomes.keys(), ...native.outcomes.keys()]).size;
    lines.push(
      `| ${suite.title} (\`${suite.name}\`) | ${suite.source} ${emulated.version} | ${counts(emulated, total)} | ${counts(native, total)} | ` +
        `${differences(emulated.outcomes, native.outcomes).length} | ${emulated.seconds} s | ${native.seconds} s |`,
    );
    sections.push(
      "",
      `## ${suite.name}`,
      "",
      `Run on ${emulated.date} (natively on ${native.date}); in the machine ${emulated.machine}.`,
      "",
      ...found.lines,
    );
  }
  return { text: `${[...lines, ...sections].join("\n")}\n`, unexplained };
}
