import type { MachineStore, RecordChange } from "warmboot";

/**
 * Ways in which a store can be wrong. Each must be found by the crash test, or it tests nothing.
 * `drops-memory`, `drops-disk`: a new record of each commit is not kept. `head-first`: the head is put in place before the records.
 * `too-early`: a commit is said to be safe a while before it is.
 */
export const LIES = ["drops-memory", "drops-disk", "head-first", "too-early"] as const;
export type Lie = (typeof LIES)[number];

const LATE_MS = 3000;

type Commit = MachineStore["commit"];

/** A store's `commit` that lies. */
export function lyingCommit(store: MachineStore, lie: Lie): Commit {
  const honest: Commit = (id, change) => store.commit(id, change);
  if (lie === "head-first") return (id, change) => headFirst(store, id, change);
  if (lie === "too-early") return late(honest);
  const kind = lie === "drops-memory" ? "memory-" : "disk-";
  return (id, change) => honest(id, { ...change, add: without(change.add, kind) });
}

function without(records: RecordChange["add"], kind: string): RecordChange["add"] {
  const dropped = [...records.keys()].find((name) => name.startsWith(kind));
  return new Map([...records].filter(([name]) => name !== dropped));
}

async function headFirst(store: MachineStore, id: string, change: RecordChange): Promise<boolean> {
  if (!(await store.commit(id, { ...change, add: new Map(), remove: [] }))) return false;
  await pause(LATE_MS);
  return store.commit(id, { ...change, expected: change.head });
}

function late(honest: Commit): Commit {
  let last: Promise<unknown> = Promise.resolve();
  return async (id, change) => {
    last = last.then(() => pause(LATE_MS)).then(() => honest(id, change));
    return true;
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
