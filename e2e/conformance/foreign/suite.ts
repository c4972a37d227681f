/** The suites that others wrote, and how long they may take. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** Debian's source package. */
  readonly source: string;
  /** Prints "case<TAB>status" lines; its argument multiplies its time limits. */
  readonly script: string;
  /** The whole run, in minutes, natively; ten times that when emulated. */
  readonly limitMinutes: number;
}

export const suites: readonly Suite[] = [
  {
    name: "busybox",
    title: "BusyBox's test suite, against BusyBox",
    source: "busybox",
    script: "busybox.sh",
    limitMinutes: 6,
  },
  {
    name: "ash",
    title: "BusyBox's suite for its shell, against BusyBox ash",
    source: "busybox",
    script: "ash.sh",
    limitMinutes: 6,
  },
  {
    name: "posix",
    title: "Open POSIX test suite",
    source: "posixtestsuite",
    script: "posix.sh",
    limitMinutes: 20,
  },
];

/** What came of each case. */
export type Outcomes = ReadonlyMap<string, string>;

/** Reads "case<TAB>status" lines. A case that is reported more than once is numbered. */
export function parseOutcomes(text: string): Outcomes {
  const outcomes = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [name, status] = line.split("\t");
    if (!name || !status) continue;
    let unique = name;
    for (let n = 2; outcomes.has(unique); n++) unique = `${name} (${n})`;
    outcomes.set(unique, status);
  }
  return outcomes;
}

export interface Difference {
  readonly name: string;
  readonly emulated: string;
  readonly native: string;
}

/** Cases that did not end alike, by name. */
export function differences(emulated: Outcomes, native: Outcomes): Difference[] {
  const names = [...new Set([...emulated.keys(), ...native.keys()])].sort();
  return names
    .map((name) => ({ name, emulated: emulated.get(name) ?? "not run", native: native.get(name) ?? "not run" }))
    .filter((each) => each.emulated !== each.native);
}
