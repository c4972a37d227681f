import { MachineDamagedError, MachineInUseError } from "../errors/index.ts";
import { type FoundMachine, findMachine, findMachines, freeId } from "./found-machines.ts";
import { encodeManifest, FORMAT, type Head } from "./manifest.ts";
import type { MachineStore } from "./store.ts";

/** Somebody who writes all the time must not keep another one from taking over for ever. */
const TRIES = 100;

/**
 * Finds a machine whose lock was just taken from somebody, who may not know yet and be writing. WHY a new head: what that one writes from
 * then on is refused, since it is meant to follow another; what it has written before is found here.
 * @throws StoreError, MachineInUseError
 */
export async function takeOver(store: MachineStore, name: string): Promise<FoundMachine> {
  for (let i = 0; i < TRIES; i++) {
    const found = await findMachine(store, name);
    const id = found?.id ?? (await freeId(store, name));
    const head: Head = { ...(found?.head ?? emptyHead(name)), owner: crypto.randomUUID() };
    const bytes = await encodeManifest(head);
    const change = { add: new Map(), head: bytes, expected: found?.bytes ?? null, remove: [] };
    if (await store.commit(id, change)) return { id, head, bytes, problem: found?.problem ?? null };
  }
  throw new MachineInUseError(name, "a program that does not stop writing to it");
}

function emptyHead(name: string): Head {
  const now = Date.now();
  return {
    format: FORMAT,
    name,
    owner: "",
    isUnfinished: false,
    copiedUpTo: 0,
    createdAt: now,
    usedAt: now,
    generations: [],
    kept: [],
    nextSerial: 1,
    bytes: 0,
  };
}

/** A machine that was taken over before it was ever saved. */
export function isEmpty({ name, generations }: Head): boolean {
  return name !== "" && generations.length === 0;
}

/** A machine of which nothing can be read might be the one that is wanted: a new one must not take its place in silence. */
export async function refuseWrecks(store: MachineStore, name: string): Promise<void> {
  const wreck = (await findMachines(store)).find(({ head }) => head.name === "");
  if (wreck)
    throw new MachineDamagedError(
      name,
      `it is not there, and of the machine with the id ${wreck.id} nothing can be read`,
    );
}
