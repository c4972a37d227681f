/** The suites that others wrote, and how long they may take. */
export interface Suite {
  readonly name: string;
  readonly title: string;
  /** Debian's source package. */
  readonly source: string;
  /** `script SECONDS SCALE [CASE...]` prints "case<TAB>status" lines as they come; SCALE multiplies the time limits of its cases. */
  readonly script: string;
  /** The whole run, in minutes, on each side. Cases that it does not get to are listed as not reached. */
  readonly limitMinutes: Readonly<Record<Side, number>>;
}

export const sides = ["emulated", "native"] as const;
export type Side = (typeof sides)[number];

export const suites: readonly Suite[] = [
  {
    name: "busybox",
    title: "BusyBox's test suite, against BusyBox",
    source: "busybox",
    script: "busybox.sh",
    limitMinutes: { emulated: 40, native: 6 },
  },
  {
    name: "ash",
    title: "BusyBox's suite for its shell, against BusyBox ash",
    source: "busybox",
    script: "ash.sh",
    limitMinutes: { emulated: 60, native: 6 },
  },
  {
    name: "libuv",
    title: "libuv's tests (event loop, processes, pipes, sockets, files, threads)",
    source: "libuv1",
    script: "libuv.sh",
    limitMinutes: { emulated: 60, native: 10 },
  },
  {
    name: "posix",
    title: "Open POSIX test suite",
    source: "posixtestsuite",
    script: "posix.sh",
    limitMinutes: { emulated: 60, native: 20 },
  },
];
/** What came of each case. */
export type Outcomes = ReadonlyMap<string, string>;

/** Reads "case<TAB>status" lines; a case's name may have tabs too. A case that is reported more than once is numbered. */
export function parseOutcomes(text: string): Outcomes {
  const outcomes = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name, status] = /^(.+)\t(\w+)$/.exec(line) ?? [];
    if (name === undefined || status === undefined) continue;
    let unique = name;
    for (let n = 2; outcomes.has(unique); n++) unique = `${name} (${n})`;
    outcomes.set(unique, status);
  }
  return outcomes;
}

/** A case that only the other side has run. */
export const NOT_REACHED = "not reached";

export interface Difference {
  readonly name: string;
  readonly emulated: string;
  readonly native: string;
}

/** Cases that did not end alike, by name. */
export function differences(emulated: Outcomes, native: Outcomes): Difference[] {
  const names = [...new Set([...emulated.keys(), ...native.keys()])].sort();
  return names
    .map((name) => ({ name, emulated: emulated.get(name) ?? NOT_REACHED, native: native.get(name) ?? NOT_REACHED }))
    .filter((each) => each.emulated !== each.native);
}
