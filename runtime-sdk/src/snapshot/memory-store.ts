import type { Bytes, Lock, LockRequest, MachineStore, RecordChange } from "./store.ts";

interface Saved {
  head: Bytes;
  readonly records: Map<string, Bytes>;
}

/** Keeps machines in this process, for as long as it lasts. For tests, and for sessions that come and go in one program. */
export class MemoryStore implements MachineStore {
  readonly place = "memory";
  readonly #machines = new Map<string, Saved>();
  readonly #locks = new Map<string, LockRequest>();

  async machines(): Promise<string[]> {
    return [...this.#machines.keys()];
  }

  async head(id: string): Promise<Bytes | null> {
    return this.#machines.get(id)?.head.slice() ?? null;
  }

  async read(id: string, record: string): Promise<Bytes | null> {
    return this.#machines.get(id)?.records.get(record)?.slice() ?? null;
  }

  async records(id: string): Promise<string[]> {
    return [...(this.#machines.get(id)?.records.keys() ?? [])];
  }

  async commit(id: string, { add, head, expected, remove }: RecordChange): Promise<boolean> {
    const saved = this.#machines.get(id);
    if (!sameBytes(saved?.head ?? null, expected)) return false;
    const records = saved?.records ?? new Map<string, Bytes>();
    for (const [name, bytes] of add) records.set(name, bytes.slice());
    for (const name of remove) records.delete(name);
    this.#machines.set(id, { head: head.slice(), records });
    return true;
  }

  async drop(id: string): Promise<void> {
    this.#machines.delete(id);
  }

  async lock(name: string, request: LockRequest): Promise<Lock | string> {
    const held = this.#locks.get(name);
    if (held && !request.takeover) return held.holder;
    this.#locks.set(name, request);
    held?.onLost();
    return {
      release: async () => {
        if (this.#locks.get(name) === request) this.#locks.delete(name);
      },
    };
  }

  async holder(name: string): Promise<string | null> {
    return this.#locks.get(name)?.holder ?? null;
  }
}

/** Whether two heads are the same. */
export function sameBytes(a: Bytes | null, b: Bytes | null): boolean {
  if (!a || !b) return a === b;
  return a.byteLength === b.byteLength && a.every((byte, i) => byte === b[i]);
}
