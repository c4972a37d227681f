import { createHash, randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Lock, LockRequest } from "../snapshot/index.ts";

/** How often the holder looks whether the lock was taken from it. */
const LOOK_MS = 500;
const RETRY_MS = 20;
/** Longest wait for one that replaces a claim, which takes it milliseconds. */
const REPLACE_MS = 10_000;

const NOBODY = 0;

interface Claim {
  readonly pid: number;
  /** When that process was started, so that another one of the same number is not taken for it. */
  readonly started: string;
  readonly holder: string;
  /** Tells two claims of one process apart. */
  readonly token: string;
}

/** The file that stands for a name, which may have any characters. */
export function lockPath(folder: string, name: string): string {
  return join(folder, createHash("sha256").update(name).digest("hex"));
}

/**
 * A lock file that holds who has it. One whose process is gone counts as free. WHY a second lock, named after the claim, for whoever takes
 * a claim away: then no two do that at once, and a newer claim is never taken for the one that was looked at.
 */
export async function fileLock(path: string, { holder, takeover, onLost }: LockRequest): Promise<Lock | string> {
  const claim: Claim = { pid: process.pid, started: await startOf(process.pid), holder, token: randomUUID() };
  const holding = await acquire(path, claim, takeover);
  if (holding !== null) return nameOf(holding);
  const timer = setInterval(async () => {
    const now = await read(path).catch(() => claim);
    if (now?.token === claim.token) return;
    clearInterval(timer);
    onLost();
  }, LOOK_MS);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      await replace(path, claim, () => rm(path, { force: true }));
    },
  };
}

/** Who has the lock file; null: nobody who is still there. */
export async function fileLockHolder(path: string): Promise<string | null> {
  const held = await read(path);
  return held && (await isAlive(held)) ? nameOf(held) : null;
}

const nameOf = ({ holder, pid }: Claim): string => `${holder} (process ${pid})`;

/** Does `work` while no other process does its own under the same path. @throws Error when it is not its turn for `timeoutMs`. */
export async function exclusively<T>(path: string, timeoutMs: number, work: () => Promise<T>): Promise<T> {
  const claim: Claim = { pid: process.pid, started: await startOf(process.pid), holder: "", token: randomUUID() };
  const until = performance.now() + timeoutMs;
  for (let holding = await acquire(path, claim, false); holding; holding = await acquire(path, claim, false)) {
    if (performance.now() > until) throw new Error(`process ${holding.pid} has it for more than ${timeoutMs} ms`);
    await pause(RETRY_MS);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** @returns null when `claim` is in the file, else whose is. */
async function acquire(path: string, claim: Claim, takeover: boolean): Promise<Claim | null> {
  const until = performance.now() + REPLACE_MS;
  for (;;) {
    if (await put(path, claim)) return null;
    const held = await read(path);
    if (!held) continue;
    if (!takeover && (await isAlive(held))) return held;
    const own = await write(path, claim);
    if (await replace(path, held, () => rename(own, path))) return null;
    await rm(own, { force: true });
    if (performance.now() > until) return held;
    await pause(RETRY_MS);
  }
}

/** Does `work` if `claim` is in the file and nobody else takes it away at this moment; tells whether it did. */
async function replace(path: string, claim: Claim, work: () => Promise<void>): Promise<boolean> {
  const mark = `${path}.${createHash("sha256").update(claim.token).digest("hex").slice(0, 12)}`;
  const own: Claim = { ...claim, pid: process.pid, started: await startOf(process.pid), token: randomUUID() };
  if ((await acquire(mark, own, false)) !== null) return false;
  try {
    if ((await read(path))?.token !== claim.token) return false;
    await work();
    return true;
  } finally {
    await rm(mark, { force: true });
  }
}

/** Puts a claim where there is none; tells whether it did. */
async function put(path: string, claim: Claim): Promise<boolean> {
  const own = await write(path, claim);
  try {
    // WHY link: it fails when there is one, and the file is never there without what is in it.
    await link(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

async function write(path: string, claim: Claim): Promise<string> {
  const own = `${path}.${randomUUID()}`;
  await writeFile(own, JSON.stringify(claim), { flag: "wx" });
  return own;
}

/** The claim in a file; null: there is no file. */
async function read(path: string): Promise<Claim | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  try {
    const { pid, started, holder, token } = JSON.parse(text);
    return { pid: Number(pid), started: String(started), holder: String(holder), token: String(token) };
  } catch {
    // WHY not a failure: a computer that lost its power may leave an empty file, and its process is gone with it.
    return { pid: NOBODY, started: "", holder: "", token: "damaged" };
  }
}

async function isAlive({ pid, started }: Claim): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= NOBODY) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return started === "" || (await startOf(pid)) === started;
}

/** When a process was started, in the kernel's ticks; empty where that cannot be had. See proc_pid_stat(5), field 22. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
