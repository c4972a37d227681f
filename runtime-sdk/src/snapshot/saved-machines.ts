import { MachineInUseError, MachineNotFoundError } from "../errors/index.ts";
import { type FoundMachine, findMachine, findMachines, readGeneration } from "./found-machines.ts";
import { encodeManifest } from "./manifest.ts";
import type { Bytes, MachineStore } from "./store.ts";

/** A saved machine in a list. */
export interface SavedMachineInfo {
  /** Empty for one of which nothing can be read. */
  readonly name: string;
  /** For `remove`, also of one without a name. */
  readonly id: string;
  /** Bytes it takes in the store, packed. */
  readonly bytes: number;
  /** When it was first saved. */
  readonly createdAt: Date;
  /** When it was last saved. */
  readonly savedAt: Date;
}

/** The saved machines of a store. */
export class SavedMachines {
  readonly #store: MachineStore;
  readonly #holder: string;

  /** @internal Use `savedMachines`. */
  constructor(store: MachineStore, holder: string) {
    this.#store = store;
    this.#holder = holder;
  }

  /** Those saved last come first. @throws StoreError */
  async list(): Promise<SavedMachineInfo[]> {
    const found = await findMachines(this.#store);
    return found
      .sort((a, b) => b.head.usedAt - a.head.usedAt)
      .map(({ id, head }) => ({
        id,
        name: head.name,
        bytes: head.bytes,
        createdAt: new Date(head.createdAt),
        savedAt: new Date(head.usedAt),
      }));
  }

  /**
   * Gives a machine another name.
   * @throws MachineNotFoundError, MachineInUseError (it is open, or there is one of the new name), StoreError
   */
  async rename(name: string, newName: string): Promise<void> {
    await this.#withLocks([name, newName], async () => {
      const { id, head, bytes } = await this.#find(name);
      await this.#checkFree(newName);
      const change = {
        add: new Map(),
        head: await encodeManifest({ ...head, name: newName }),
        expected: bytes,
        remove: [],
      };
      if (!(await this.#store.commit(id, change))) throw new MachineInUseError(name, "another program");
    });
  }

  /**
   * Makes a copy of a machine, as it was last saved.
   * @throws MachineNotFoundError, MachineInUseError (it is open, or there is one of the new name), QuotaError, StoreError
   */
  async duplicate(name: string, newName: string): Promise<void> {
    await this.#withLocks([name, newName], async () => {
      const { id, head } = await this.#find(name);
      await this.#checkFree(newName);
      const add = new Map<string, Bytes>();
      for (const number of head.generations) {
        const generation = await readGeneration(this.#store, id, number).catch(() => null);
        if (!generation) continue;
        const names = [generation.devices, ...generation.memory, ...generation.disk].map((entry) => entry.name);
        for (const record of [`generation-${number}`, ...names]) {
          const bytes = await this.#store.read(id, record);
          if (bytes) add.set(record, bytes);
        }
      }
      const copy = await encodeManifest({ ...head, name: newName, isCopy: true, createdAt: Date.now() });
      await this.#store.commit(crypto.randomUUID(), { add, head: copy, expected: null, remove: [] });
    });
  }

  /**
   * Removes a machine for ever.
   * @param name Its name, or its id.
   * @throws MachineNotFoundError, MachineInUseError, StoreError
   */
  async remove(name: string): Promise<void> {
    const found = (await findMachines(this.#store)).find(({ id, head }) => head.name === name || id === name);
    if (!found) throw new MachineNotFoundError(name);
    await this.#withLocks([found.head.name || found.id], () => this.#store.drop(found.id));
  }

  async #find(name: string): Promise<FoundMachine> {
    const found = await findMachine(this.#store, name);
    if (!found) throw new MachineNotFoundError(name);
    return found;
  }

  async #checkFree(name: string): Promise<void> {
    if (await findMachine(this.#store, name)) throw new MachineInUseError(name, "the store: it is a saved machine");
  }

  async #withLocks(names: readonly string[], work: () => Promise<void>): Promise<void> {
    const held: { release(): Promise<void> }[] = [];
    try {
      for (const name of names) {
        const lock = await this.#store.lock(name, { holder: this.#holder, takeover: false, onLost: () => {} });
        if (typeof lock === "string") throw new MachineInUseError(name, lock);
        held.push(lock);
      }
      await work();
    } finally {
      for (const lock of held) await lock.release();
    }
  }
}
