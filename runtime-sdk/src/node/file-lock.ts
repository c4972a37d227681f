import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import type { Lock, LockRequest } from "../snapshot/index.ts";

/** How often the holder looks whether the lock was taken from it. */
const LOOK_MS = 500;

interface Claim {
  readonly pid: number;
  /** When that process was started, so that another one of the same number is not taken for it. */
  readonly started: string;
  readonly holder: string;
  /** Tells two claims of one process apart. */
  readonly token: string;
}

/** A lock file that holds who has it. One whose process is gone counts as free. */
export async function fileLock(path: string, { holder, takeover, onLost }: LockRequest): Promise<Lock | string> {
  const claim: Claim = { pid: process.pid, started: await startOf(process.pid), holder, token: randomUUID() };
  const own = `${path}.${claim.token}`;
  await writeFile(own, JSON.stringify(claim), { flag: "wx" });
  try {
    for (;;) {
      if (takeover) {
        await rename(own, path);
        break;
      }
      // WHY link and not rename: it fails when there is one.
      const taken = await link(own, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === "EEXIST") return false;
          throw error;
        },
      );
      if (taken) break;
      const held = await read(path);
      if (held && (await isAlive(held))) return `${held.holder} (process ${held.pid})`;
      // WHY rename before removal: two who find a dead claim must not remove each other's new one.
      const grave = `${path}.${randomUUID()}`;
      await rename(path, grave).catch(() => {});
      const buried = await read(grave);
      if (buried && held && buried.token !== held.token) await link(grave, path).catch(() => {});
      await rm(grave, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
  const timer = setInterval(async () => {
    if ((await read(path))?.token === claim.token) return;
    clearInterval(timer);
    onLost();
  }, LOOK_MS);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      if ((await read(path))?.token === claim.token) await rm(path, { force: true });
    },
  };
}

async function read(path: string): Promise<Claim | null> {
  try {
    const { pid, started, holder, token } = JSON.parse(await readFile(path, "utf8"));
    if (!Number.isInteger(pid)) return null;
    return { pid, started: String(started), holder: String(holder), token: String(token) };
  } catch {
    return null;
  }
}

async function isAlive({ pid, started }: Claim): Promise<boolean> {
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
