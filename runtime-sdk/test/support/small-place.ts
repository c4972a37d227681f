import type { MachineStore } from "warmboot";
import { localStore } from "warmboot";

/** A store on this platform's own ground that has room for so many bytes in all. */
export interface SmallPlace {
  again(): MachineStore;
  /** Room for so many bytes from now on. */
  resize(bytes: number): Promise<void>;
  remove(): Promise<void>;
}

/** Null where this platform lets nobody make one. */
export async function smallPlace(bytes: number): Promise<SmallPlace | null> {
  return typeof window === "undefined" ? smallFolder(bytes) : smallQuota(bytes);
}

/** The browser's own quota, set by the DevTools protocol. */
async function smallQuota(bytes: number): Promise<SmallPlace> {
  const { cdp } = await import("vitest/browser");
  const name = `warmboot-quota-${crypto.randomUUID()}`;
  const { origin } = location;
  // WHY: what tests before have left is deleted some time later, and its room would be this store's.
  await cdp().send("Storage.clearDataForOrigin", { origin, storageTypes: "indexeddb" });
  const usage = await steadyUsage();
  const resize = async (size: number) => {
    await cdp().send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + size });
  };
  await resize(bytes);
  return {
    again: () => localStore(name),
    resize,
    remove: async () => {
      await cdp().send("Storage.overrideQuotaForOrigin", { origin });
      indexedDB.deleteDatabase(name);
    },
  };
}

/** What is used, once that no longer changes. */
async function steadyUsage(): Promise<number> {
  let last = -1;
  for (;;) {
    const { usage = 0 } = await navigator.storage.estimate();
    if (usage === last) return usage;
    last = usage;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** A file system in memory of that size. Needs the right to mount one. */
async function smallFolder(bytes: number): Promise<SmallPlace | null> {
  const [fs, os, path, child] = ["node:fs/promises", "node:os", "node:path", "node:child_process"];
  const { mkdtemp, rm } = await import(/* @vite-ignore */ fs as string);
  const { tmpdir } = await import(/* @vite-ignore */ os as string);
  const { join } = await import(/* @vite-ignore */ path as string);
  const { spawnSync } = await import(/* @vite-ignore */ child as string);
  const folder: string = await mkdtemp(join(tmpdir(), "warmboot-quota-"));
  const isRoot = process.getuid?.() === 0;
  const run = (...argv: string[]): boolean => {
    const [command, ...rest] = isRoot ? argv : ["sudo", "-n", ...argv];
    return spawnSync(command, rest, { stdio: "ignore" }).status === 0;
  };
  const options = (size: number) => `size=${size},mode=0777`;
  if (!run("mount", "-t", "tmpfs", "-o", options(bytes), "tmpfs", folder)) {
    await rm(folder, { recursive: true });
    return null;
  }
  return {
    again: () => localStore(join(folder, "store")),
    resize: async (size) => {
      if (!run("mount", "-o", `remount,${options(size)}`, folder)) throw new Error("the file system keeps its size");
    },
    remove: async () => {
      run("umount", folder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
