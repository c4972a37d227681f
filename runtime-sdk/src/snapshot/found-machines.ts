import { sha256Hex } from "../bytes/index.ts";
import {
  decodeGeneration,
  decodeHead,
  entriesOf,
  FORMAT,
  type Generation,
  type Head,
  isRecord,
  type KeptEntry,
  MOST_KEPT,
  type RecordEntry,
  sumOfSizes,
} from "./manifest.ts";
import type { Bytes, MachineStore } from "./store.ts";

const ID_DIGITS = 32;

/** A machine in a store. */
export interface FoundMachine {
  readonly id: string;
  readonly head: Head;
  /** The head as it is in the store; null: it is lost. */
  readonly bytes: Bytes | null;
  /** The head was damaged, and was made anew from what there is. */
  readonly problem: string | null;
}

/** All machines of a store. One of which nothing can be read has no name and no generation. */
export async function findMachines(store: MachineStore): Promise<FoundMachine[]> {
  return (await readHeads(store)).filter(({ head }) => !head.isUnfinished);
}

/** The same, with those that are being made. */
export async function readHeads(store: MachineStore): Promise<FoundMachine[]> {
  // WHY side by side, here and elsewhere: a browser's store takes its time for each, and a page waits for its machine.
  const found = await Promise.all(
    (await store.machines()).map(async (id) => {
      const bytes = await store.head(id);
      return bytes && read(store, id, bytes);
    }),
  );
  return found.filter((machine) => machine !== null);
}

export async function findMachine(store: MachineStore, name: string): Promise<FoundMachine | null> {
  const found = (await findMachines(store)).find(({ head }) => head.name === name);
  return found ?? findHeadless(store, name);
}

/** Id for a new machine. WHY made of the name: two who begin one of the same name meet at its head. */
export async function freeId(store: MachineStore, name: string): Promise<string> {
  for (let i = 0; ; i++) {
    const id = (await sha256Hex(new TextEncoder().encode(`${name}\n${i}`))).slice(0, ID_DIGITS);
    // WHY one may be there: a machine keeps its id when it is renamed.
    if (!(await store.head(id))) return id;
  }
}

/** A machine whose head is lost: a new one of the name would be put in its place. */
async function findHeadless(store: MachineStore, name: string): Promise<FoundMachine | null> {
  const id = await freeId(store, name);
  const head = await recover(store, id);
  return head.generations.length > 0
    ? { id, head: { ...head, name }, bytes: null, problem: "the head is missing" }
    : null;
}

/** @throws RangeError that names the record and what is wrong with it; StoreError */
export async function readGeneration(store: MachineStore, id: string, number: number): Promise<Generation> {
  const bytes = await store.read(id, `generation-${number}`);
  if (!bytes) throw new RangeError(`generation-${number} is missing`);
  try {
    const generation = await decodeGeneration(bytes);
    if (generation.generation === number) return generation;
    throw new RangeError(`it is generation ${generation.generation}`);
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`generation-${number}: ${error.message}`);
    throw error;
  }
}

/** @throws RangeError that names the record and what is wrong with it; StoreError */
export async function readRecord(store: MachineStore, id: string, entry: RecordEntry): Promise<Bytes> {
  const { name, size } = entry;
  const bytes = await store.read(id, name);
  if (!bytes) throw new RangeError(`${name} is missing`);
  if (bytes.byteLength !== size) throw new RangeError(`${name} has ${bytes.byteLength} bytes instead of ${size}`);
  if (!(await isRecord(bytes, entry))) throw new RangeError(`${name} is not what was saved`);
  return bytes;
}

async function read(store: MachineStore, id: string, bytes: Bytes): Promise<FoundMachine> {
  try {
    return { id, bytes, head: await decodeHead(bytes), problem: null };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { id, bytes, head: await recover(store, id), problem: `the head: ${error.message}` };
  }
}

function keptEntryOf({ snapshot, generation, savedAt }: Generation): KeptEntry[] {
  return snapshot === null ? [] : [{ snapshot, generation, savedAt }];
}

/** A head for a machine whose own is damaged: its newest generations that can be read. */
async function recover(store: MachineStore, id: string): Promise<Head> {
  const numbers = (await store.records(id)).flatMap((name) => /^generation-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const generations: Generation[] = [];
  for (const number of numbers.sort((a, b) => b - a)) {
    const generation = await readGeneration(store, id, number).catch((error) => {
      if (error instanceof RangeError) return null;
      throw error;
    });
    if (generation) generations.push(generation);
  }
  const [newest] = generations;
  const entries = generations.flatMap(entriesOf);
  return {
    format: FORMAT,
    name: newest?.name ?? "",
    owner: "",
    isUnfinished: false,
    copiedUpTo: 0,
    createdAt: newest?.savedAt ?? 0,
    usedAt: newest?.savedAt ?? 0,
    generations: generations.slice(0, 2).map(({ generation }) => generation),
    kept: generations.flatMap(keptEntryOf).slice(0, MOST_KEPT),
    nextSerial: Math.max(0, ...entries.map(({ serial }) => serial)) + 1,
    bytes: sumOfSizes(entries),
  };
}
