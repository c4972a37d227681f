/**
 * Reading a machine before its lock is held, while the rest of the library is on its way. What was read counts only for as long as the head in the
 * store is still the same: each change of a machine changes its head, too. Imports nothing, so that a page has it early.
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** The object stores of the database. */
export const HEADS = "heads";
export const RECORDS = "records";
/** Version of the database. */
export const VERSION = 1;

/** What was found of a machine, all of it by one transaction. */
export interface ReadAhead {
  /** The open database, once. */
  readonly takeDatabase: () => IDBDatabase | null;
  readonly id: string;
  readonly head: Bytes;
  /** Names of all its records. */
  readonly names: readonly string[];
  /** Those that its newest state is made of, as they are in the database. */
  readonly records: Map<string, Promise<Bytes>>;
}

/** By database and name of the machine. */
const reading = new Map<string, Promise<ReadAhead | null>>();

/**
 * Begins to read a machine, for whoever opens it. Resolves with whether there is something saved under its name, as far as can be told: `true` when that is not
 * known. Never rejects.
 */
export async function readAhead(database: string, machine: string): Promise<boolean> {
  let isThere = true;
  const found = read(database, machine).then(
    (result) => {
      isThere = result !== null;
      return result;
    },
    // Whoever opens the machine meets the same, and tells.
    () => null,
  );
  reading.set(keyOf(database, machine), found);
  await found;
  return isThere;
}

/** What is being read of a machine, once; it resolves with `null` when nothing could be. */
export function takeReadAhead(database: string, machine: string): Promise<ReadAhead | null> | null {
  const key = keyOf(database, machine);
  const found = reading.get(key) ?? null;
  reading.delete(key);
  return found;
}

/** Keys of all records of a machine. */
export function rangeOf(id: string): IDBKeyRange {
  // An array sorts after every string.
  return IDBKeyRange.bound([id], [id, []]);
}

function keyOf(database: string, machine: string): string {
  return `${database}\n${machine}`;
}

async function read(name: string, machine: string): Promise<ReadAhead | null> {
  const database = await open(name);
  if (!database) return null;
  let kept: IDBDatabase | null = database;
  const takeDatabase = () => {
    const taken = kept;
    kept = null;
    return taken;
  };
  try {
    const found = await find(database.transaction([HEADS, RECORDS], "readonly"), machine);
    if (found) return { ...found, takeDatabase };
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return null;
}

async function find(transaction: IDBTransaction, machine: string): Promise<Omit<ReadAhead, "takeDatabase"> | null> {
  const [heads, records] = [transaction.objectStore(HEADS), transaction.objectStore(RECORDS)];
  const [ids, found] = await Promise.all([resultOf(heads.getAllKeys()), resultOf<Bytes[]>(heads.getAll())]);
  const at = found.findIndex((head) => contentOf(head)["name"] === machine);
  const [id, head] = [ids[at], found[at]];
  if (typeof id !== "string" || !head) return null;
  const generation = `generation-${(contentOf(head)["generations"] as number[])[0]}`;
  const [keys, manifest] = await Promise.all([
    resultOf(records.getAllKeys(rangeOf(id))),
    resultOf<Bytes | undefined>(records.get([id, generation])),
  ]);
  const read = new Map<string, Promise<Bytes>>();
  if (manifest) {
    read.set(generation, Promise.resolve(manifest));
    const { devices, memory, disk } = contentOf(manifest);
    for (const { name } of [devices, memory, disk].flat().filter((each) => each !== null) as { name: string }[]) {
      const bytes = resultOf<Bytes | Blob>(records.get([id, name])).then(bytesOf);
      // Whoever wants it reads it again then.
      bytes.catch(() => {});
      read.set(name, bytes);
    }
  }
  return { id, head, names: keys.map((key) => String((key as IDBValidKey[])[1])), records: read };
}

/** Null: there is no such database. It is not made. */
function open(name: string): Promise<IDBDatabase | null> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    let isNew = false;
    request.onupgradeneeded = () => {
      isNew = true;
      request.transaction?.abort();
    };
    request.onerror = () => (isNew ? resolve(null) : reject(request.error));
    request.onsuccess = () => {
      const database = request.result;
      // Somebody wants to delete it.
      database.onversionchange = () => database.close();
      resolve(database);
    };
  });
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A text whose first line is the checksum of the rest; whoever opens the machine looks at that. */
function contentOf(manifest: Bytes): Record<string, unknown> {
  try {
    return JSON.parse(new TextDecoder().decode(manifest.subarray(manifest.indexOf(10) + 1)));
  } catch {
    return {};
  }
}

async function bytesOf(record: Bytes | Blob | undefined): Promise<Bytes> {
  if (!record) throw new Error("it is missing");
  return record instanceof Blob ? new Uint8Array(await record.arrayBuffer()) : record;
}
