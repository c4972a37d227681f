import type { StateRecord } from "../bytes/index.ts";
import { MachineDamagedError, MachineInUseError, MachineTakenOverError } from "../errors/index.ts";
import { type Commit, type Facts, makeGeneration } from "./commit.ts";
import { type FoundMachine, findMachine, freeId, readGeneration, readRecord } from "./found-machines.ts";
import { KeptGenerations, type SnapshotInfo } from "./kept-generations.ts";
import { machineFile } from "./machine-file.ts";
import {
  encodeManifest,
  entriesOf,
  FORMAT,
  type Generation,
  type Head,
  type RecordEntry,
  recordsOf,
  sumOfSizes,
} from "./manifest.ts";
import { RecordsGoneError } from "./records-gone.ts";
import type { Bytes, Lock, LockRequest, MachineStore } from "./store.ts";
import { streamOf } from "./stream-of.ts";
import { isEmpty, refuseWrecks, takeOver } from "./take-over.ts";

/** A generation's records, checked. */
export interface Loaded {
  readonly devices: StateRecord | null;
  readonly memory: readonly StateRecord[];
  readonly disk: readonly StateRecord[];
}

/** What a change puts in place. */
interface Change {
  /** Numbers of the generations that count from then on, without the kept ones. */
  readonly numbers: readonly number[];
  /** Those of them that can be read. */
  readonly generations: readonly Generation[];
  readonly kept: KeptGenerations;
  readonly add: ReadonlyMap<string, Bytes>;
  /** Names of records that may go, if nothing needs them. */
  readonly old: readonly string[];
}

/** A saved machine that is open: nobody else writes to it. */
export class SavedMachine {
  readonly name: string;
  /** Where it is, for messages. */
  readonly place: string;
  readonly #id: string;
  readonly #store: MachineStore;
  readonly #lock: Lock;
  readonly #createdAt: number;
  #head: { readonly value: Head; readonly bytes: Bytes | null } | null = null;
  #isHeadWhole = true;
  /** Generations that can be read, the newest first, and why others cannot. */
  #generations: Generation[] = [];
  readonly problems: string[] = [];
  #kept = new KeptGenerations();
  /** The generation that the machine goes on from. Its packs stay for the next commit. */
  #base: Generation | null = null;
  /** Generations that are being exported, each as often as it is. Their records stay for so long. */
  readonly #exported: Generation[] = [];
  #lost = false;
  /** Names of records that a change which was broken off has left. */
  #leftovers: string[] = [];

  /**
   * Opens the machine of that name, or the place for a new one.
   * @throws MachineInUseError, StoreError
   */
  static async open(store: MachineStore, name: string, request: LockRequest): Promise<SavedMachine> {
    let onLost = request.onLost;
    const lock = await store.lock(name, { ...request, onLost: () => onLost() });
    if (typeof lock === "string") throw new MachineInUseError(name, lock);
    try {
      const found = await (request.takeover ? takeOver(store, name) : findMachine(store, name));
      if (!found) await refuseWrecks(store, name);
      const machine = new SavedMachine(store, lock, name, found?.id ?? (await freeId(store, name)));
      onLost = () => {
        machine.#lost = true;
        request.onLost();
      };
      if (found) await machine.#read(found);
      return machine;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  private constructor(store: MachineStore, lock: Lock, name: string, id: string) {
    this.#store = store;
    this.#lock = lock;
    this.name = name;
    this.place = store.place;
    this.#id = id;
    this.#createdAt = Date.now();
  }

  /** Nothing was saved under the name. */
  get isNew(): boolean {
    return !this.#head || isEmpty(this.#head.value);
  }

  /** It is another machine's, of which this one was made as a copy. */
  isCopy({ generation }: Generation): boolean {
    return generation <= (this.#head?.value.copiedUpTo ?? 0);
  }

  /** The newest first. */
  get generations(): readonly Generation[] {
    return this.#generations;
  }

  /** Whether this is the last state that was saved, as far as can be told. */
  isNewest(generation: Generation): boolean {
    return this.#isHeadWhole && generation.generation === this.#head?.value.generations[0];
  }

  /** First serial that no record has had. */
  get nextSerial(): number {
    return this.#head?.value.nextSerial ?? 1;
  }

  /** States that are kept under names. */
  get snapshots(): SnapshotInfo[] {
    return this.#kept.list(this.#generations);
  }

  /** @throws SnapshotNotFoundError, MachineDamagedError */
  snapshot(name: string): Generation {
    return this.#kept.find(this.name, name);
  }

  /** @throws InvalidOptionError when no state can be kept under this name. */
  checkSnapshotName(name: string): void {
    this.#kept.checkFree(name);
  }

  /** Reads and checks a generation's records. @throws RangeError that names the record and what is wrong with it. */
  async load(generation: Generation, diskOnly: boolean): Promise<Loaded> {
    const load = async (entry: RecordEntry): Promise<StateRecord> => {
      const bytes = await readRecord(this.#store, this.#id, entry);
      return { serial: entry.serial, rawBytes: entry.rawBytes, gzip: entry.gzip, bytes };
    };
    const [devices, memory, disk] = await Promise.all([
      diskOnly || !generation.devices ? null : load(generation.devices),
      diskOnly ? [] : Promise.all(generation.memory.map(load)),
      Promise.all(generation.disk.map(load)),
    ]);
    return { devices, memory, disk };
  }

  /** The machine goes on from this generation: others that are not kept under a name go with the next commit. */
  use(generation: Generation): void {
    this.#base = generation;
  }

  /**
   * Stores a commit as a new generation. Resolves when it is safe, with its number and the bytes written.
   * @param facts `snapshot`: keep it under this name.
   * @throws QuotaError, StoreError, MachineTakenOverError; what was stored before is whole then. RecordsGoneError: see `beginAnew`.
   */
  async commit(
    commit: Commit,
    facts: Pick<Facts, "guard" | "origin" | "snapshot">,
  ): Promise<{ generation: number; savedAt: Date; bytesWritten: number }> {
    const { generations = [], kept = [], copiedUpTo = 0 } = this.#head?.value ?? {};
    const number = Math.max(copiedUpTo, ...generations, ...kept.map((each) => each.generation)) + 1;
    const made = await makeGeneration(commit, this.#base, { ...facts, name: this.name, generation: number });
    const { generation, add } = made;
    const counting = [generation, ...(this.#base ? [this.#base] : [])];
    await this.#change({
      numbers: counting.map((each) => each.generation),
      generations: counting,
      kept: this.#kept.with(generation),
      add,
      old: [...this.#generations.flatMap(recordsOf), ...this.#leftovers],
    });
    this.#base = generation;
    this.#leftovers = [];
    const bytesWritten = [...add.values()].reduce(
      (sum, bytes) => sum + bytes.byteLength,
      this.#head?.bytes?.length ?? 0,
    );
    return { generation: number, savedAt: new Date(generation.savedAt), bytesWritten };
  }

  /** Forgets a state that is kept under a name. @throws SnapshotNotFoundError, StoreError, MachineTakenOverError */
  async removeSnapshot(name: string): Promise<void> {
    const kept = this.#kept.without(this.name, name);
    const gone = this.#kept.generations.filter((each) => !kept.generations.includes(each));
    await this.#change({
      numbers: this.#head?.value.generations ?? [],
      generations: this.#generations,
      kept,
      add: new Map(),
      old: gone.flatMap(recordsOf),
    });
  }

  /**
   * Makes a state that is kept under a name the one that the machine is opened with. The last one becomes the one before.
   * @throws SnapshotNotFoundError, MachineDamagedError, StoreError, MachineTakenOverError
   */
  async goBack(name: string): Promise<void> {
    const wanted = this.snapshot(name);
    const others = this.#generations.filter(({ generation }) => generation !== wanted.generation);
    const generations = [wanted, ...others.slice(0, 1)];
    await this.#change({
      numbers: generations.map(({ generation }) => generation),
      generations,
      kept: this.#kept,
      add: new Map(),
      old: others.flatMap(recordsOf),
    });
    this.#base = wanted;
  }

  /**
   * A generation as a file. A record that is damaged fails the stream with MachineDamagedError.
   * @param ended Called once when it was read to its end, has failed or was cancelled; until then its records stay.
   */
  export(generation: Generation, ended: () => void): ReadableStream<Bytes> {
    this.#exported.push(generation);
    const read = (entry: RecordEntry) =>
      readRecord(this.#store, this.#id, entry).catch((error) => {
        throw error instanceof RangeError ? new MachineDamagedError(this.name, error.message, error) : error;
      });
    return streamOf(machineFile({ ...generation, name: this.name }, read), () => {
      this.#exported.splice(this.#exported.indexOf(generation), 1);
      this.#leftovers.push(...recordsOf(generation));
      ended();
    });
  }

  /** Nothing of the machine is in the store any more, and what it was saved as is of no use: the next commit must have all of it. */
  async beginAnew(): Promise<void> {
    this.#leftovers = await this.#store.records(this.#id);
    this.#head = null;
    this.#isHeadWhole = true;
    this.#generations = [];
    this.#kept = new KeptGenerations();
    this.#base = null;
  }

  /** Gives the machine up. May be called again. */
  release(): Promise<void> {
    return this.#lock.release();
  }

  async #change({ numbers, generations, kept, add, old }: Change): Promise<void> {
    const before = this.#head;
    if (this.#lost) throw new MachineTakenOverError(this.name);
    const counting = [...generations, ...kept.generations];
    const needed = [...counting, ...this.#exported, ...(this.#base ? [this.#base] : [])];
    const used = new Set(needed.flatMap(recordsOf));
    const serials = counting.flatMap(({ memory, disk }) => [...memory, ...disk].map(({ serial }) => serial + 1));
    const value: Head = {
      format: FORMAT,
      name: this.name,
      owner: before?.value.owner ?? "",
      isUnfinished: false,
      copiedUpTo: before?.value.copiedUpTo ?? 0,
      createdAt: before?.value.createdAt ?? this.#createdAt,
      usedAt: add.size === 0 && before ? before.value.usedAt : Date.now(),
      generations: numbers,
      kept: kept.entries,
      nextSerial: Math.max(this.nextSerial, ...serials),
      bytes: sumOfSizes(counting.flatMap(entriesOf)),
    };
    const head = await encodeManifest(value);
    const remove = [...new Set(old)].filter((name) => !used.has(name));
    if (!(await this.#store.commit(this.#id, { add, head, expected: before?.bytes ?? null, remove }))) {
      // Whoever had taken it would have left a head.
      const isGone = !this.#lost && (await this.#store.head(this.#id)) === null;
      throw isGone ? new RecordsGoneError(this.#store.place, this.name) : new MachineTakenOverError(this.name);
    }
    this.#head = { value, bytes: head };
    this.#generations = [...generations];
    this.#kept = kept;
  }

  async #read({ id, head, bytes, problem }: FoundMachine): Promise<void> {
    this.#head = { value: head, bytes };
    this.#isHeadWhole = problem === null;
    if (problem) this.problems.push(problem);
    const reading = head.generations.map((number) =>
      readGeneration(this.#store, id, number).catch((error) => {
        if (error instanceof RangeError) return error;
        throw error;
      }),
    );
    const [records, kept, ...generations] = await Promise.all([
      this.#store.records(id),
      KeptGenerations.read(this.#store, id, head),
      ...reading,
    ]);
    for (const generation of generations) {
      if (generation instanceof RangeError) this.problems.push(generation.message);
      else this.#generations.push(generation);
    }
    this.#base = this.#generations[0] ?? null;
    this.#kept = kept;
    const used = new Set([...this.#generations, ...kept.generations].flatMap(recordsOf));
    this.#leftovers = records.filter((name) => !used.has(name));
  }
}
