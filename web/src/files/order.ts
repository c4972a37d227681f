import type { FileEntry } from "warmboot";

export type Column = "name" | "size" | "time";

export interface Order {
  readonly column: Column;
  readonly descending: boolean;
}

const NAMES = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** Names as a person orders them; ones that only differ in case in a fixed order. */
function byName(a: FileEntry, b: FileEntry): number {
  return NAMES.compare(a.name, b.name) || (a.name < b.name ? -1 : 1);
}

const COMPARE: Readonly<Record<Column, (a: FileEntry, b: FileEntry) => number>> = {
  name: byName,
  size: (a, b) => a.size - b.size || byName(a, b),
  time: (a, b) => a.mtimeMs - b.mtimeMs || byName(a, b),
};

/** What is to be shown, in its order: directories first. */
export function arrange(entries: readonly FileEntry[], order: Order, showHidden: boolean): FileEntry[] {
  const compare = COMPARE[order.column];
  const sign = order.descending ? -1 : 1;
  const rank = ({ type }: FileEntry) => (type === "directory" ? 0 : 1);
  return entries
    .filter(({ name }) => showHidden || !name.startsWith("."))
    .sort((a, b) => rank(a) - rank(b) || sign * compare(a, b));
}
