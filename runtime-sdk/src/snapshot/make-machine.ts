import { MachineInUseError } from "../errors/index.ts";
import { readHeads } from "./found-machines.ts";
import { encodeManifest, FORMAT, type Head } from "./manifest.ts";
import type { Bytes, MachineStore } from "./store.ts";

/** Name of the lock of whoever makes a machine: without it, what there is of it is rubbish. */
const lockOf = (id: string) => `being made: ${id}`;

/**
 * Makes a machine out of records that come one by one, so that no more than one is in memory. Until the last is there it does not count.
 * @param head Asked for when all records are there.
 * @returns its id.
 * @throws QuotaError, StoreError, and what `records` and `head` throw; nothing is left then.
 */
export async function makeMachine(
  store: MachineStore,
  holder: string,
  records: AsyncIterable<readonly [string, Bytes]>,
  head: () => Head,
): Promise<string> {
  await removeUnfinished(store, holder);
  const id = crypto.randomUUID();
  const lock = await store.lock(lockOf(id), { holder, takeover: false, onLost: () => {} });
  if (typeof lock === "string") throw new MachineInUseError(id, lock);
  const unfinished = await encodeManifest({ ...UNFINISHED, createdAt: Date.now() });
  try {
    await commit(store, id, new Map(), unfinished, null);
    for await (const record of records) await commit(store, id, new Map([record]), unfinished, unfinished);
    await commit(store, id, new Map(), await encodeManifest(head()), unfinished);
    return id;
  } catch (error) {
    await store.drop(id).catch(() => {});
    throw error;
  } finally {
    await lock.release();
  }
}

/** Removes what is left of machines whose making was broken off. */
export async function removeUnfinished(store: MachineStore, holder: string): Promise<void> {
  for (const { id, head } of await readHeads(store)) {
    if (!head.isUnfinished) continue;
    const lock = await store.lock(lockOf(id), { holder, takeover: false, onLost: () => {} });
    if (typeof lock === "string") continue;
    await store.drop(id);
    await lock.release();
  }
}

const UNFINISHED: Omit<Head, "createdAt"> = {
  format: FORMAT,
  name: "",
  owner: "",
  isUnfinished: true,
  copiedUpTo: 0,
  usedAt: 0,
  generations: [],
  kept: [],
  nextSerial: 1,
  bytes: 0,
};

async function commit(
  store: MachineStore,
  id: string,
  add: ReadonlyMap<string, Bytes>,
  head: Bytes,
  expected: Bytes | null,
): Promise<void> {
  if (!(await store.commit(id, { add, head, expected, remove: [] })))
    throw new MachineInUseError(id, "another program");
}
