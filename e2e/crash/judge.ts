import type { Opened } from "warmboot";

/** What the guest's writer says about its records: the last one of each kind, gapless and whole. */
export interface Found {
  readonly files: number;
  readonly rollback: number;
  readonly wal: number;
  /** What it remembers to have written everywhere; null: it was started just now. */
  readonly done: number | null;
  /** Bytes at the ends of files that are not a whole line. */
  readonly torn: number;
  /** What it has written since: it goes on after the last whole record. */
  readonly next: number | null;
  /** ext4 has replayed its journal since the kernel was booted. */
  readonly replayed: boolean;
  /** What is wrong with records, databases, or the file system. */
  readonly problems: readonly string[];
}

export interface Restart {
  readonly opened: Opened;
  /** Something was done to it so that it cannot go on warm. */
  readonly isForcedCold: boolean;
  /** Saves that were made in all lives before. */
  readonly saves: number;
  /** The last record that a save covers. */
  readonly committed: number;
  readonly found: Found;
}

/** What is wrong with a machine that came up again; nothing when it is well. */
export function judge({ opened, isForcedCold, saves, committed, found }: Restart): string[] {
  const problems = [...found.problems];
  const allowed = [isForcedCold ? "cold" : "warm", ...(saves === 0 ? ["new", "warm"] : [])];
  if (!allowed.includes(opened.how))
    problems.push(`it came up ${opened.how}, not ${allowed.join(" or ")}: ${opened.reason ?? "no reason"}`);
  const { files, rollback, wal, done } = found;
  // Each is fsynced before the next is begun.
  if (!(files >= rollback && rollback >= wal && wal >= files - 1))
    problems.push(
      `files, rollback and wal end with ${files}, ${rollback}, ${wal}: later ones are not there without earlier ones`,
    );
  if (done !== null && (done !== files || done !== wal))
    problems.push(`the writer remembers ${done} records, and its disk has ${files} and ${wal}`);
  if (wal < committed) problems.push(`${committed} records were committed, and ${wal} are there`);
  if (problems.length === 0 && found.next !== wal + 1)
    problems.push(`after ${wal} records the writer went on with ${found.next}`);
  return problems;
}
