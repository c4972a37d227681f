import { get, keys, promisifyRequest, type UseStore } from "idb-keyval";
import { QuotaError, StoreError } from "../errors/index.ts";
import { sameBytes } from "./memory-store.ts";
import { HEADS, RECORDS, type ReadAhead, rangeOf, takeReadAhead, VERSION } from "./read-ahead.ts";
import type { Bytes, Lock, LockRequest, MachineStore, RecordChange } from "./store.ts";
import { webLock, webLockHolder } from "./web-lock.ts";

/** Another page may be deleting the database, or keep it from being deleted. */
const OPEN_MS = 30_000;
/** Larger records are kept as a Blob: those are read in a third of the time. */
const BLOB_BYTES = 2 ** 20;

/** Keeps machines in the browser's IndexedDB, for pages of one origin. */
export class IndexedDbStore implements MachineStore {
  readonly place: string;
  readonly #name: string;
  readonly #heads = this.#use(HEADS);
  readonly #records = this.#use(RECORDS);
  #opening: Promise<IDBDatabase> | null = null;
  /** What was read of a machine before its lock was held. */
  #ahead: Promise<ReadAhead | null> | null = null;
  /** The same, when the machine has not changed since. */
  #current: ReadAhead | null = null;

  /** `name`: of the database. */
  constructor(name: string) {
    this.#name = name;
    this.place = `the browser's database "${name}"`;
  }

  machines(): Promise<string[]> {
    return keys<string>(this.#heads);
  }

  async head(id: string): Promise<Bytes | null> {
    const head = (await get<Bytes>(id, this.#heads)) ?? null;
    const ahead = await this.#ahead;
    if (ahead?.id === id) this.#current = sameBytes(head, ahead.head) ? ahead : null;
    return head;
  }

  async read(id: string, record: string): Promise<Bytes | null> {
    const { records } = this.#currentOf(id) ?? {};
    const ahead = records?.get(record);
    // WHY once: they are large, and handed over to the machine's thread.
    records?.delete(record);
    const early = ahead && (await ahead.catch(() => null));
    if (early) return early;
    const found = await get<Bytes | Blob>([id, record], this.#records);
    return found instanceof Blob ? await bytesOf(found) : (found ?? null);
  }

  async records(id: string): Promise<string[]> {
    const current = this.#currentOf(id);
    if (current) return [...current.names];
    const found = await this.#records("readonly", (records) => promisifyRequest(records.getAllKeys(rangeOf(id))));
    return found.map((key) => String((key as IDBValidKey[])[1]));
  }

  commit(id: string, { add, head, expected, remove }: RecordChange): Promise<boolean> {
    this.#forgetAhead();
    const bytes = [...add.values()].reduce((sum, record) => sum + record.byteLength, head.byteLength);
    return this.#use(RECORDS, bytes)("readwrite", async (records) => {
      const heads = records.transaction.objectStore(HEADS);
      const found: Bytes | undefined = await promisifyRequest(heads.get(id));
      if (!sameBytes(found ?? null, expected)) return false;
      for (const [name, record] of add) records.put(storable(record), [id, name]);
      for (const name of remove) records.delete([id, name]);
      heads.put(head, id);
      return true;
    });
  }

  async drop(id: string): Promise<void> {
    this.#forgetAhead();
    await this.#records("readwrite", (records) => {
      records.transaction.objectStore(HEADS).delete(id);
      records.delete(rangeOf(id));
    });
  }

  async lock(name: string, request: LockRequest): Promise<Lock | string> {
    // WHY: browsers have it for secure pages only.
    if (!navigator.locks) throw new StoreError(this.place, "needs HTTPS, or localhost: there are no locks without");
    this.#ahead = takeReadAhead(this.#name, name) ?? this.#ahead;
    try {
      return await webLock(this.#lockName(name), request);
    } catch (error) {
      throw this.#forbidden(error);
    }
  }

  async holder(name: string): Promise<string | null> {
    if (!navigator.locks) return null;
    try {
      return await webLockHolder(this.#lockName(name));
    } catch (error) {
      throw this.#forbidden(error);
    }
  }

  /** Frames of other sites may have neither storage nor locks. */
  #forbidden(error: unknown): StoreError {
    return new StoreError(this.place, "this browser allows no storage here", error);
  }

  #lockName(name: string): string {
    return `warmboot ${this.#name} ${name}`;
  }

  #currentOf(id: string): ReadAhead | null {
    return this.#current?.id === id ? this.#current : null;
  }

  #forgetAhead(): void {
    this.#ahead = null;
    this.#current = null;
  }

  /**
   * Runs what idb-keyval, or a method above, does with an object store as one transaction over both; resolves when it is safe.
   * `bytes`: that are to be written.
   */
  #use(store: string, bytes = 0): UseStore {
    return async (mode, work) => {
      const transaction = await this.#begin(mode);
      const ended = endOf(transaction);
      try {
        const result = await work(transaction.objectStore(store));
        if (mode === "readwrite") await ended;
        return result;
      } catch (error) {
        abort(transaction);
        const cause = transaction.error ?? error;
        if (isNamed(cause, "QuotaExceededError")) throw new QuotaError(bytes, this.place, cause);
        throw new StoreError(this.place, `cannot be ${mode === "readwrite" ? "written" : "read"}`, cause);
      }
    };
  }

  async #begin(mode: IDBTransactionMode): Promise<IDBTransaction> {
    const begin = async () => (await this.#open()).transaction([HEADS, RECORDS], mode, { durability: "strict" });
    try {
      return await begin().catch((error) => {
        // WHY once more: the browser may close a connection at any time, and tell of it later.
        if (!isNamed(error, "InvalidStateError")) throw error;
        this.#opening = null;
        return begin();
      });
    } catch (error) {
      throw new StoreError(this.place, "cannot be opened", error);
    }
  }

  #open(): Promise<IDBDatabase> {
    const forget = () => {
      if (this.#opening === opening) this.#opening = null;
    };
    const opening = this.#opening ?? openDatabase(this.#name, this.#ahead, forget);
    this.#opening = opening;
    opening.catch(forget);
    return opening;
  }
}

/** `ahead`: who may have it open already. `onClosed`: it is to be opened again when it is needed. */
async function openDatabase(
  name: string,
  ahead: Promise<ReadAhead | null> | null,
  onClosed: () => void,
): Promise<IDBDatabase> {
  const opened = (async () => (await ahead)?.takeDatabase() ?? requestDatabase(name))();
  const late = AbortSignal.timeout(OPEN_MS);
  const database = await Promise.race([
    opened,
    new Promise<never>((_, reject) => late.addEventListener("abort", () => reject(late.reason))),
  ]).catch((error) => {
    opened.then((database) => database.close()).catch(() => {});
    throw error;
  });
  database.onversionchange = () => {
    // WHY: another page wants to delete the database.
    database.close();
    onClosed();
  };
  database.onclose = onClosed;
  return database;
}

function requestDatabase(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(HEADS);
    request.result.createObjectStore(RECORDS);
  };
  return promisifyRequest(request);
}

/** WHY not promisifyRequest: a transaction has its error when it is aborted, not yet when one of its requests fails. */
function endOf(transaction: IDBTransaction): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () => reject(transaction.error));
  });
  ended.catch(() => {});
  return ended;
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // It has ended by itself.
  }
}

function storable(record: Bytes): Bytes | Blob {
  return record.byteLength >= BLOB_BYTES ? new Blob([record]) : record;
}

/** Null for one whose file is gone: the browser keeps a Blob beside its database. */
async function bytesOf(blob: Blob): Promise<Bytes | null> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    if (isNamed(error, "NotFoundError") || isNamed(error, "NotReadableError")) return null;
    throw error;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}
