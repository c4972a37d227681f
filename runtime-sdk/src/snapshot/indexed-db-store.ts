import { QuotaError, StoreError } from "../errors/index.ts";
import { sameBytes } from "./memory-store.ts";
import type { Bytes, Lock, LockRequest, MachineStore, RecordChange } from "./store.ts";

/*
 * WHY raw IndexedDB and not a package: a commit adds, replaces and removes records in one transaction of strict durability, after
 * a look at the head within it. The small packages give neither, and it takes little.
 */

const HEADS = "heads";
const RECORDS = "records";

/** Keeps machines in the browser's IndexedDB, for pages of one origin. */
export class IndexedDbStore implements MachineStore {
  readonly place: string;
  readonly #name: string;
  #opening: Promise<IDBDatabase> | null = null;

  /** `name`: of the database. */
  constructor(name: string) {
    this.#name = name;
    this.place = `the browser's database "${name}"`;
  }

  async machines(): Promise<string[]> {
    return (await this.#read(HEADS, (heads) => heads.getAllKeys())).map(String);
  }

  async head(id: string): Promise<Bytes | null> {
    return (await this.#read<Bytes | undefined>(HEADS, (heads) => heads.get(id))) ?? null;
  }

  async read(id: string, record: string): Promise<Bytes | null> {
    return (await this.#read<Bytes | undefined>(RECORDS, (records) => records.get([id, record]))) ?? null;
  }

  async records(id: string): Promise<string[]> {
    const keys = await this.#read(RECORDS, (records) => records.getAllKeys(rangeOf(id)));
    return keys.map((key) => String((key as IDBValidKey[])[1]));
  }

  async commit(id: string, { add, head, expected, remove }: RecordChange): Promise<boolean> {
    const bytes = [...add.values()].reduce((sum, record) => sum + record.byteLength, head.byteLength);
    let done = false;
    await this.#change(bytes, (heads, records) => {
      const request: IDBRequest<Bytes | undefined> = heads.get(id);
      request.onsuccess = () => {
        if (!sameBytes(request.result ?? null, expected)) return;
        for (const [name, record] of add) records.put(record, [id, name]);
        for (const name of remove) records.delete([id, name]);
        heads.put(head, id);
        done = true;
      };
    });
    return done;
  }

  async drop(id: string): Promise<void> {
    await this.#change(0, (heads, records) => {
      heads.delete(id);
      records.delete(rangeOf(id));
    });
  }

  async lock(name: string, request: LockRequest): Promise<Lock | string> {
    // WHY: browsers have it for secure pages only.
    if (!navigator.locks) throw new StoreError(this.place, "needs HTTPS, or localhost: there are no locks without");
    return webLock(`warmboot ${this.#name} ${name}`, request);
  }

  async #read<T>(store: string, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const database = await this.#open();
    return new Promise<T>((resolve, reject) => {
      const request = ask(database.transaction(store, "readonly").objectStore(store));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new StoreError(this.place, "cannot be read", request.error));
    });
  }

  async #change(bytes: number, work: (heads: IDBObjectStore, records: IDBObjectStore) => void): Promise<void> {
    const database = await this.#open();
    return new Promise<void>((resolve, reject) => {
      const transaction = database.transaction([HEADS, RECORDS], "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(this.#failure(bytes, transaction.error));
      work(transaction.objectStore(HEADS), transaction.objectStore(RECORDS));
    });
  }

  #failure(bytes: number, error: DOMException | null): Error {
    if (error?.name === "QuotaExceededError") return new QuotaError(bytes, this.place, error);
    return new StoreError(this.place, "cannot be written", error);
  }

  #open(): Promise<IDBDatabase> {
    const opening = this.#opening ?? this.#openNow();
    this.#opening = opening;
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = null;
    });
    return opening;
  }

  #openNow(): Promise<IDBDatabase> {
    const failure = (error: unknown) => new StoreError(this.place, "cannot be opened", error);
    return new Promise<IDBDatabase>((resolve, reject) => {
      const request = ask(() => indexedDB.open(this.#name, 1), failure);
      request.onupgradeneeded = () => {
        request.result.createObjectStore(HEADS);
        request.result.createObjectStore(RECORDS);
      };
      request.onsuccess = () => {
        // WHY: another page may want to delete or upgrade the database; it is opened again when it is needed.
        request.result.onversionchange = () => this.#close(request.result);
        request.result.onclose = () => this.#close(request.result);
        resolve(request.result);
      };
      request.onerror = () => reject(failure(request.error));
    });
  }

  #close(database: IDBDatabase): void {
    database.close();
    this.#opening = null;
  }
}

/** WHY: where a page may keep nothing, the call itself throws. */
function ask<T>(call: () => T, failure: (error: unknown) => Error): T {
  try {
    return call();
  } catch (error) {
    throw failure(error);
  }
}

function rangeOf(id: string): IDBKeyRange {
  // An array sorts after every string.
  return IDBKeyRange.bound([id], [id, []]);
}

/** The lock `name`, held until it is released, stolen, or the page ends. A second lock's name says who has it. */
async function webLock(name: string, { holder, takeover, onLost }: LockRequest): Promise<Lock | string> {
  const held = await holdLock(name, takeover ? { steal: true } : { ifAvailable: true }, onLost);
  if (held) {
    const label = await holdLock(`${name} held by ${holder}`, { mode: "shared" }, () => {});
    return {
      release: async () => {
        await label?.release();
        await held.release();
      },
    };
  }
  const label = `${name} held by `;
  const locks = (await navigator.locks.query()).held ?? [];
  return locks.find((lock) => lock.name?.startsWith(label))?.name?.slice(label.length) ?? "another tab";
}

function holdLock(name: string, options: LockOptions, onLost: () => void): Promise<Lock | null> {
  return new Promise((resolve, reject) => {
    let release = () => {};
    let released = false;
    const held = navigator.locks.request(name, options, (lock) => {
      if (!lock) {
        resolve(null);
        return undefined;
      }
      const holding = new Promise<void>((done) => {
        release = done;
      });
      resolve({
        release: async () => {
          released = true;
          release();
          await held.catch(() => {});
        },
      });
      return holding;
    });
    held.catch((error) => {
      // A stolen lock ends with an AbortError.
      if (!released && error instanceof DOMException && error.name === "AbortError") onLost();
      reject(error);
    });
  });
}
