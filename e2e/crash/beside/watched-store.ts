import type { MachineStore } from "warmboot";
import { type Lie, lyingCommit } from "./lies.ts";

export interface Watch {
  readonly hurtDevices: boolean;
  readonly lie: Lie | null;
  /** A commit begins and has ended. */
  readonly onCommit: (isUnderWay: boolean) => void;
}

/** A store that tells when a commit is under way, and can be wrong on request. */
export function watchedStore(store: MachineStore, { hurtDevices, lie, onCommit }: Watch): MachineStore {
  const commit: MachineStore["commit"] = lie ? lyingCommit(store, lie) : (id, change) => store.commit(id, change);
  return {
    place: store.place,
    machines: () => store.machines(),
    head: (id) => store.head(id),
    records: (id) => store.records(id),
    drop: (id) => store.drop(id),
    lock: (name, request) => store.lock(name, request),
    holder: (name) => store.holder(name),
    read: async (id, record) => {
      const bytes = await store.read(id, record);
      const middle = (bytes?.length ?? 0) >> 1;
      if (bytes && hurtDevices && record.startsWith("devices-")) bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      return bytes;
    },
    commit: async (id, change) => {
      onCommit(true);
      try {
        return await commit(id, change);
      } finally {
        onCommit(false);
      }
    },
  };
}
