import type { MachineStore } from "warmboot";
import { localStore } from "warmboot";

/** A store on this platform's own ground that no other test uses; `again` opens the same one anew. */
export async function placeForStore(): Promise<{ again: () => MachineStore; remove: () => Promise<void> }> {
  const name = `warmboot-test-${crypto.randomUUID()}`;
  if (typeof window !== "undefined") {
    return {
      again: () => localStore(name),
      remove: async () => {
        indexedDB.deleteDatabase(name);
      },
    };
  }
  // WHY variables: the bundler of the browser's tests must not look for these.
  const [fs, os, path] = ["node:fs/promises", "node:os", "node:path"];
  const { mkdtemp, rm } = await import(/* @vite-ignore */ fs as string);
  const { tmpdir } = await import(/* @vite-ignore */ os as string);
  const { join } = await import(/* @vite-ignore */ path as string);
  const folder: string = await mkdtemp(join(tmpdir(), `${name}-`));
  return { again: () => localStore(folder), remove: () => rm(folder, { recursive: true, force: true }) };
}
