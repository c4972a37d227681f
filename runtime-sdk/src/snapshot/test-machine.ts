import { gzipSync } from "node:zlib";
import { packRecord, type StateRecord } from "../bytes/index.ts";
import type { Commit } from "./commit.ts";
import { encodeDevices } from "./device-record.ts";
import type { Guard } from "./manifest.ts";
import { encodePack, PAGE_SIZE } from "./pack.ts";
import { SavedMachine } from "./saved-machine.ts";
import type { Bytes, MachineStore } from "./store.ts";

/** Machines for tests of what is stored: 1 MiB of memory and of disk, of which a few pages are used. */
export const GUARD = { v86: "1", imageId: "i".repeat(64), memoryMb: 1, diskBytes: 2 ** 20, devices: "d" };
export const REQUEST = { holder: "a test", takeover: false, onLost: () => {} };
/** Pages of 1 MiB. */
export const PAGES = 256;

export const gzip = async (bytes: Bytes): Promise<Bytes> => new Uint8Array(gzipSync(bytes));

/** A page that says of what, where and when it is. */
export function page(kind: "memory" | "disk", number: number, generation: number): Uint8Array {
  const text = new TextEncoder().encode(`${kind} page ${number} of generation ${generation};`);
  return Uint8Array.from({ length: PAGE_SIZE }, (_, i) => (i < 512 ? (text[i % text.length] as number) : 0));
}

export function devicesOf(generation: number): Bytes {
  return encodeDevices({
    devices: new TextEncoder().encode(`devices of generation ${generation}, `.repeat(8)),
    consoleInput: new TextEncoder().encode(`typed ${generation}`),
    network: new TextEncoder().encode(`network ${generation}`),
  });
}

/** Pages that each commit of a machine writes, by commit; those of later commits stand for what changed. */
const WRITES = [
  [1, 2, 3, 40, 255],
  [2, 7],
  [3, 8, 40],
  [1, 9],
] as const;

/** Commits of a machine, from the first; each of memory and disk, with one pack of each that is new. */
export async function commits(count: number): Promise<Commit[]> {
  return Promise.all(WRITES.slice(0, count).map((pages, i) => commitOf(i + 1, pages)));
}

async function commitOf(number: number, pages: readonly number[]): Promise<Commit> {
  // Large packs are stored as they are.
  const packer = number === 2 ? null : gzip;
  const pack = (kind: "memory" | "disk"): Promise<StateRecord> =>
    packRecord(
      number,
      encodePack(new Map(pages.map((each) => [each, page(kind, each, number)])), [100 + number]),
      packer,
    );
  const serials = Array.from({ length: number }, (_, i) => i + 1);
  return {
    devices: await packRecord(0, devicesOf(number), gzip),
    memory: [await pack("memory")],
    disk: [await pack("disk")],
    memoryPacks: serials,
    diskPacks: serials,
  };
}

/** What a machine's pages are after so many commits: number → commit that wrote it last, 0 for zero. */
export function truth(count: number): Map<number, number> {
  const pages = new Map<number, number>();
  for (const [i, numbers] of WRITES.slice(0, count).entries()) {
    for (const number of numbers) pages.set(number, i + 1);
    pages.set(100 + i + 1, 0);
  }
  return pages;
}

/** A machine with these commits; those with a name are kept. */
export async function savedIn(
  store: MachineStore,
  count: number,
  names: Record<number, string> = {},
  guard: Partial<Guard> = {},
): Promise<string> {
  const machine = await SavedMachine.open(store, "m", REQUEST);
  for (const [i, commit] of (await commits(count)).entries()) {
    const facts = { guard: { ...GUARD, ...guard }, origin: '{"image":"there","kernelArgs":""}' };
    await machine.commit(commit, { ...facts, snapshot: names[i + 1] ?? null });
  }
  await machine.release();
  return (await store.machines())[0] as string;
}
