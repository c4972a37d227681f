import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { QuotaError, StoreError, WarmbootError } from "../errors/index.ts";
import {
  type Bytes,
  type Lock,
  type LockRequest,
  type MachineStore,
  type RecordChange,
  sameBytes,
} from "../snapshot/index.ts";
import { exclusively, fileLock, fileLockHolder, lockPath } from "./file-lock.ts";

const HEAD = "head";
const LOCKS = ".locks";
/** Folders of machines that are being removed. */
const REMOVED = ".removed-";
/** Longest wait for another process that writes to the same machine. */
const WRITER_MS = 60_000;
const RECORD = /^[a-z]+-\d+$/;

/** Keeps machines in a folder: each in a folder of its own, each record in a file. */
export class DirectoryStore implements MachineStore {
  readonly place: string;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.place = `the folder ${path}`;
  }

  async machines(): Promise<string[]> {
    const found = await this.#try("cannot be read", () => readdir(this.#path).catch(ifMissing([])));
    const ids = found.filter((name) => !name.startsWith("."));
    const whole = await Promise.all(ids.map(async (id) => ((await exists(join(this.#path, id, HEAD))) ? [id] : [])));
    return whole.flat();
  }

  head(id: string): Promise<Bytes | null> {
    return this.read(id, HEAD);
  }

  read(id: string, record: string): Promise<Bytes | null> {
    return this.#try(`${record} cannot be read`, async () => {
      const bytes = await readFile(join(this.#path, id, record)).catch(ifMissing(null));
      return bytes && new Uint8Array(bytes);
    });
  }

  async records(id: string): Promise<string[]> {
    const names = await this.#try("cannot be read", () => readdir(join(this.#path, id)).catch(ifMissing([])));
    return names.filter((name) => RECORD.test(name));
  }

  async commit(id: string, change: RecordChange): Promise<boolean> {
    const { add, head } = change;
    const bytes = [...add.values()].reduce((sum, record) => sum + record.byteLength, head.byteLength);
    return this.#try(
      "cannot be written",
      async () => {
        await this.#makeFolder(LOCKS);
        // WHY: between the look at the head and its replacement nobody else may write, nor put other records under the same names.
        return exclusively(lockPath(join(this.#path, LOCKS), `commit ${id}`), WRITER_MS, () =>
          this.#commit(id, change),
        );
      },
      bytes,
    );
  }

  async #commit(id: string, { add, head, expected, remove }: RecordChange): Promise<boolean> {
    const folder = join(this.#path, id);
    if (!sameBytes(await this.head(id), expected)) return false;
    await this.#makeFolder(id);
    try {
      for (const [name, record] of add) await write(folder, name, record);
      await sync(folder);
    } catch (error) {
      // WHY: what is there of a change that failed takes the room that is lacking. The head does not know it.
      await Promise.all([...add.keys()].map((name) => rm(join(folder, name), { force: true }).catch(() => {})));
      throw error;
    }
    await write(folder, HEAD, head);
    await sync(folder);
    // WHY not a failure: the change is made; what is left over is removed by a later one.
    await Promise.all(remove.map((name) => rm(join(folder, name), { force: true }).catch(() => {})));
    return true;
  }

  async drop(id: string): Promise<void> {
    await this.#try("cannot be removed", async () => {
      // WHY another name first: however far the rest comes, there is no machine any more.
      const removed = join(this.#path, `${REMOVED}${randomUUID()}`);
      await rename(join(this.#path, id), removed).then(() => sync(this.#path), ifMissing(undefined));
      const left = (await readdir(this.#path).catch(ifMissing([]))).filter((name) => name.startsWith(REMOVED));
      for (const name of left) await rm(join(this.#path, name), { recursive: true, force: true });
    });
  }

  async lock(name: string, request: LockRequest): Promise<Lock | string> {
    return this.#try("cannot be locked", async () => {
      await this.#makeFolder(LOCKS);
      return fileLock(lockPath(join(this.#path, LOCKS), name), request);
    });
  }

  holder(name: string): Promise<string | null> {
    return this.#try("cannot be read", () => fileLockHolder(lockPath(join(this.#path, LOCKS), name)));
  }

  /** Makes a folder in this one, so that its name is safe. */
  async #makeFolder(name: string): Promise<void> {
    const first = await mkdir(join(this.#path, name), { recursive: true });
    if (first === undefined) return;
    for (let made = join(this.#path, name); made.length >= first.length; made = dirname(made))
      await sync(dirname(made));
  }

  async #try<T>(problem: string, work: () => Promise<T>, bytes = 0): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof WarmbootError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOSPC" || code === "EDQUOT") throw new QuotaError(bytes, this.place, error);
      throw new StoreError(this.place, problem, error);
    }
  }
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return value;
    throw error;
  };
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(() => true, ifMissing(false));
}

/** Writes a file so that it is there whole or not at all. */
async function write(folder: string, name: string, bytes: Bytes): Promise<void> {
  const temporary = join(folder, `.${name}.${randomUUID()}`);
  const file = await open(temporary, "wx");
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(temporary, { force: true });
    throw error;
  }
  await file.close();
  await rename(temporary, join(folder, name));
}

/** Makes the names in a folder safe. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
