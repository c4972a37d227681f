import { type StateRecord, sha256Hex } from "../bytes/index.ts";
import { MachineInUseError, MachineTakenOverError } from "../errors/index.ts";
import { type FoundMachine, findMachine, readGeneration } from "./found-machines.ts";
import {
  encodeManifest,
  entriesOf,
  FORMAT,
  type Generation,
  type Guard,
  type Head,
  type RecordEntry,
  recordsOf,
} from "./manifest.ts";
import type { Bytes, Lock, LockRequest, MachineStore } from "./store.ts";
import { freeId, isEmpty, refuseWrecks, takeOver } from "./take-over.ts";

/** What a commit stores. */
export interface Commit {
  readonly devices: StateRecord;
  /** New packs. */
  readonly memory: readonly StateRecord[];
  readonly disk: readonly StateRecord[];
  /** Serials of all packs that count, oldest first; those that are not new are of the commit before. */
  readonly memoryPacks: readonly number[];
  readonly diskPacks: readonly number[];
}

/** A generation's records, checked. */
export interface Loaded {
  readonly devices: StateRecord | null;
  readonly memory: readonly StateRecord[];
  readonly disk: readonly StateRecord[];
}

/** Records kept besides the one in use: what is open falls back on it. */
const GENERATIONS = 2;

/** A saved machine that is open: nobody else writes to it. */
export class SavedMachine {
  readonly name: string;
  readonly #id: string;
  readonly #store: MachineStore;
  readonly #lock: Lock;
  readonly #createdAt: number;
  #head: { readonly value: Head; readonly bytes: Bytes } | null = null;
  /** Generations that can be read, the newest first, and why others cannot. */
  #generations: Generation[] = [];
  readonly problems: string[] = [];
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
    this.#id = id;
    this.#createdAt = Date.now();
  }

  /** Nothing was saved under the name. */
  get isNew(): boolean {
    return !this.#head || isEmpty(this.#head.value);
  }

  /** It was made as a copy, and has not been saved since. */
  get isCopy(): boolean {
    return this.#head?.value.isCopy ?? false;
  }

  /** The newest first. */
  get generations(): readonly Generation[] {
    return this.#generations;
  }

  /** Whether this is the last state that was saved, as far as can be told. */
  isNewest(generation: Generation): boolean {
    return this.problems.length === 0 && generation === this.#generations[0];
  }

  /** First serial that no record has had. */
  get nextSerial(): number {
    return this.#head?.value.nextSerial ?? 1;
  }

  /** Reads and checks a generation's records. @throws RangeError that names the record and what is wrong with it. */
  async load(generation: Generation, diskOnly: boolean): Promise<Loaded> {
    const load = (entry: RecordEntry) => this.#load(entry);
    const [devices, memory, disk] = await Promise.all([
      diskOnly ? null : load(generation.devices),
      diskOnly ? [] : Promise.all(generation.memory.map(load)),
      Promise.all(generation.disk.map(load)),
    ]);
    return { devices, memory, disk };
  }

  /** The machine goes on from this generation: newer ones cannot be used and go with the next commit. */
  async use(generation: Generation): Promise<void> {
    const at = this.#generations.indexOf(generation);
    if (at === 0) return;
    this.#generations = this.#generations.slice(at);
    this.#noteLeftovers(await this.#store.records(this.#id));
  }

  /**
   * Stores a commit as a new generation. Resolves when it is safe, with its number and the bytes written.
   * @throws QuotaError, StoreError, MachineTakenOverError; what was stored before is whole then.
   */
  async commit(commit: Commit, guard: Guard, origin: string): Promise<{ generation: number; bytesWritten: number }> {
    const [newest] = this.#generations;
    const number = Math.max(0, ...(this.#head?.value.generations ?? [])) + 1;
    const add = new Map<string, Bytes>();
    const store = async (kind: string, record: StateRecord, serial: number): Promise<RecordEntry> => {
      const name = `${kind}-${serial}`;
      add.set(name, record.bytes);
      const { rawBytes, bytes } = record;
      return { name, serial, size: bytes.byteLength, rawBytes, sha256: await sha256Hex(bytes) };
    };
    const packs = async (kind: "memory" | "disk", fresh: readonly StateRecord[], serials: readonly number[]) => {
      const entries = new Map(newest?.[kind].map((entry) => [entry.serial, entry]));
      for (const record of fresh) entries.set(record.serial, await store(kind, record, record.serial));
      return serials.map((serial) => {
        const entry = entries.get(serial);
        if (!entry) throw new Error(`there is no pack ${serial} of the ${kind}`);
        return entry;
      });
    };
    const generation: Generation = {
      format: FORMAT,
      name: this.name,
      generation: number,
      savedAt: Date.now(),
      guard,
      origin,
      devices: await store("devices", commit.devices, number),
      memory: await packs("memory", commit.memory, commit.memoryPacks),
      disk: await packs("disk", commit.disk, commit.diskPacks),
    };
    add.set(`generation-${number}`, await encodeManifest(generation));
    await this.#change([generation, ...this.#generations.slice(0, GENERATIONS - 1)], add);
    const bytesWritten = [...add.values()].reduce(
      (sum, bytes) => sum + bytes.byteLength,
      this.#head?.bytes.length ?? 0,
    );
    return { generation: number, bytesWritten };
  }

  /** Gives the machine up. May be called again. */
  release(): Promise<void> {
    return this.#lock.release();
  }

  async #change(generations: Generation[], add: Map<string, Bytes>): Promise<void> {
    const before = this.#head;
    if (this.#lost) throw new MachineTakenOverError(this.name);
    const used = new Set(generations.flatMap(recordsOf));
    const remove = [...new Set([...this.#generations.flatMap(recordsOf), ...this.#leftovers])].filter(
      (name) => !used.has(name),
    );
    const sizes = new Map(generations.flatMap(entriesOf).map(({ name, size }) => [name, size]));
    const value: Head = {
      format: FORMAT,
      name: this.name,
      owner: before?.value.owner ?? "",
      isUnfinished: false,
      isCopy: false,
      createdAt: before?.value.createdAt ?? this.#createdAt,
      usedAt: Date.now(),
      generations: generations.map(({ generation }) => generation),
      nextSerial: Math.max(
        this.nextSerial,
        ...generations.flatMap((g) => [...g.memory, ...g.disk].map((e) => e.serial + 1)),
      ),
      bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0),
    };
    const head = await encodeManifest(value);
    if (!(await this.#store.commit(this.#id, { add, head, expected: before?.bytes ?? null, remove })))
      throw new MachineTakenOverError(this.name);
    this.#head = { value, bytes: head };
    this.#generations = generations;
    this.#leftovers = [];
  }

  async #read({ id, head, bytes, problem }: FoundMachine): Promise<void> {
    this.#head = { value: head, bytes };
    if (problem) this.problems.push(problem);
    const reading = head.generations.map((number) =>
      readGeneration(this.#store, id, number).catch((error) => {
        if (error instanceof RangeError) return error;
        throw error;
      }),
    );
    const [records, ...generations] = await Promise.all([this.#store.records(id), ...reading]);
    for (const generation of generations) {
      if (generation instanceof RangeError) this.problems.push(generation.message);
      else this.#generations.push(generation);
    }
    this.#noteLeftovers(records);
  }

  #noteLeftovers(records: readonly string[]): void {
    const used = new Set(this.#generations.flatMap(recordsOf));
    this.#leftovers = records.filter((name) => !used.has(name));
  }

  async #load({ name, serial, size, rawBytes, sha256 }: RecordEntry): Promise<StateRecord> {
    return { serial, rawBytes, gzip: true, bytes: await this.#checked(name, size, sha256) };
  }

  async #checked(name: string, size: number, sha256: string): Promise<Bytes> {
    const bytes = await this.#store.read(this.#id, name);
    if (!bytes) throw new RangeError(`${name} is missing`);
    if (bytes.byteLength !== size) throw new RangeError(`${name} has ${bytes.byteLength} bytes instead of ${size}`);
    if ((await sha256Hex(bytes)) !== sha256) throw new RangeError(`${name} is not what was saved`);
    return bytes;
  }
}
