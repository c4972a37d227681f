import { AbortedError, MachineDamagedError, MachineInUseError, MachineNotFoundError } from "../errors/index.ts";
import { ByteReader } from "./byte-reader.ts";
import { type FoundMachine, findMachine, findMachines, readGeneration } from "./found-machines.ts";
import { importedHead, importedRecords } from "./import-machine.ts";
import { KeptGenerations, type SnapshotInfo } from "./kept-generations.ts";
import { readTable } from "./machine-file.ts";
import { infoOf, lockName, type SavedMachineInfo } from "./machine-info.ts";
import { checkMachineName } from "./machine-name.ts";
import { makeMachine, removeUnfinished } from "./make-machine.ts";
import { encodeManifest, type Generation, type Head, recordsOf } from "./manifest.ts";
import { SavedMachine } from "./saved-machine.ts";
import type { Bytes, MachineStore } from "./store.ts";
import { isEmpty } from "./take-over.ts";

/** Options of `import`. */
export interface ImportOptions {
  /** Name of the new machine, 1 to 100 characters. @default the one that it had when it was exported */
  readonly name?: string;
  /** Ends the import with AbortedError. Nothing of it is left then. */
  readonly signal?: AbortSignal;
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
    await removeUnfinished(this.#store, this.#holder);
    const found = await findMachines(this.#store);
    const machines = found.filter(({ head }) => !isEmpty(head)).sort((a, b) => b.head.usedAt - a.head.usedAt);
    return Promise.all(machines.map(({ id, head }) => this.#info(id, head)));
  }

  /**
   * Gives a machine another name.
   * @throws InvalidOptionError, MachineNotFoundError, MachineInUseError (it is open, or there is one of the new name), StoreError
   */
  async rename(name: string, newName: string): Promise<void> {
    checkMachineName(newName, "newName");
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
   * Makes a copy of a machine, as it was last saved, with its snapshots.
   * @throws InvalidOptionError, MachineNotFoundError, MachineInUseError (it is open, or there is one of the new name), QuotaError, StoreError
   */
  async duplicate(name: string, newName: string): Promise<void> {
    checkMachineName(newName, "newName");
    await this.#withLocks([name, newName], async () => {
      const { id, head } = await this.#find(name);
      await this.#checkFree(newName);
      const copiedUpTo = Math.max(head.copiedUpTo, ...numbersOf(head));
      const copy = () => ({ ...head, name: newName, copiedUpTo, createdAt: Date.now() });
      await makeMachine(this.#store, this.#holder, this.#records(id, head), copy);
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
    await this.#withLocks([lockName(found.id, found.head)], () => this.#store.drop(found.id));
  }

  /**
   * States of a machine that are kept under names, in the order in which they were made. It may be open elsewhere.
   * @throws MachineNotFoundError, StoreError
   */
  async snapshots(name: string): Promise<SnapshotInfo[]> {
    const { id, head } = await this.#find(name);
    const kept = await KeptGenerations.read(this.#store, id, head);
    return kept.list(await this.#readable(id, head.generations));
  }

  /**
   * Forgets a state of a machine that is kept under a name.
   * @throws SnapshotNotFoundError, MachineNotFoundError, MachineInUseError, StoreError
   */
  removeSnapshot(name: string, snapshot: string): Promise<void> {
    return this.#withMachine(name, (machine) => machine.removeSnapshot(snapshot));
  }

  /**
   * Makes a state that is kept under a name the one that the machine goes on from the next time. The last state takes the place of the one
   * before; the snapshots stay as they are.
   * @throws SnapshotNotFoundError, MachineNotFoundError, MachineInUseError, MachineDamagedError, StoreError
   */
  goBack(name: string, snapshot: string): Promise<void> {
    return this.#withMachine(name, (machine) => machine.goBack(snapshot));
  }

  /**
   * A machine as one file, as it was last saved, or as it was when `snapshot` was; without its other states. It is read from the store a
   * record at a time as the stream is read; until that ends, or is cancelled, nobody can open the machine. A damaged record fails the
   * stream with MachineDamagedError.
   * @throws MachineNotFoundError, SnapshotNotFoundError, MachineInUseError, MachineDamagedError, StoreError
   * @example await (await savedMachines().export("work")).pipeTo(file);
   */
  async export(name: string, snapshot?: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const machine = await this.#open(name);
    try {
      const generation = snapshot === undefined ? machine.generations[0] : machine.snapshot(snapshot);
      if (!generation) throw new MachineDamagedError(name, machine.problems.join("; "));
      return machine.export(generation, () => void machine.release());
    } catch (error) {
      await machine.release();
      throw error;
    }
  }

  /**
   * Makes a machine out of a file that `export` gave. All of it is checked; it is there when all of it was good. It counts as a copy: it
   * gets an identity of its own when it is opened, and it is opened with the image that the caller names.
   * @throws MachineFileError, InvalidOptionError, MachineInUseError (there is one of the name), QuotaError, StoreError, AbortedError;
   * nothing is left then.
   */
  async import(file: ReadableStream<Uint8Array>, { name, signal }: ImportOptions = {}): Promise<SavedMachineInfo> {
    if (name !== undefined) checkMachineName(name, "name");
    if (signal?.aborted) throw new AbortedError("the import", signal.reason);
    const reader = new ByteReader(file, signal);
    try {
      const table = await readTable(reader);
      const machine: string = name ?? table.name;
      checkMachineName(machine, "name");
      const head = importedHead(table, machine);
      let id = "";
      await this.#withLocks([machine], async () => {
        await this.#checkFree(machine);
        id = await makeMachine(this.#store, this.#holder, importedRecords(reader, table, machine), () => head);
      });
      return await this.#info(id, head);
    } finally {
      await reader.close();
    }
  }

  async #info(id: string, head: Head): Promise<SavedMachineInfo> {
    const [openIn, [last]] = await Promise.all([
      this.#store.holder(lockName(id, head)),
      this.#readable(id, head.generations.slice(0, 1)),
    ]);
    return infoOf(id, head, openIn, last ?? null);
  }

  /** Those of the generations that can be read. @throws StoreError */
  async #readable(id: string, numbers: readonly number[]): Promise<Generation[]> {
    const generations: Generation[] = [];
    for (const number of numbers) {
      const generation = await readGeneration(this.#store, id, number).catch((error) => {
        if (error instanceof RangeError) return null;
        throw error;
      });
      if (generation) generations.push(generation);
    }
    return generations;
  }

  /** What counts of a machine, as it is in the store. */
  async *#records(id: string, head: Head): AsyncGenerator<readonly [string, Bytes]> {
    const generations = await this.#readable(id, numbersOf(head));
    for (const name of new Set(generations.flatMap(recordsOf))) {
      const bytes = await this.#store.read(id, name);
      if (bytes) yield [name, bytes];
    }
  }

  async #find(name: string): Promise<FoundMachine> {
    const found = await findMachine(this.#store, name);
    if (!found || isEmpty(found.head)) throw new MachineNotFoundError(name);
    return found;
  }

  async #checkFree(name: string): Promise<void> {
    const found = await findMachine(this.#store, name);
    if (found && isEmpty(found.head)) await this.#store.drop(found.id);
    else if (found) throw new MachineInUseError(name, "the store: it is a saved machine");
  }

  async #open(name: string): Promise<SavedMachine> {
    await this.#find(name);
    return SavedMachine.open(this.#store, name, { holder: this.#holder, takeover: false, onLost: () => {} });
  }

  async #withMachine(name: string, work: (machine: SavedMachine) => Promise<void>): Promise<void> {
    const machine = await this.#open(name);
    try {
      await work(machine);
    } finally {
      await machine.release();
    }
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

/** Numbers of all generations that count, each once. */
function numbersOf({ generations, kept }: Head): number[] {
  return [...new Set([...generations, ...kept.map(({ generation }) => generation)])];
}
