import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { packRecord } from "../bytes/index.ts";
import { MachineDamagedError } from "../errors/index.ts";
import type { Commit } from "./commit.ts";
import { MemoryStore } from "./memory-store.ts";
import { SavedMachine } from "./saved-machine.ts";
import { SavedMachines } from "./saved-machines.ts";
import type { Bytes } from "./store.ts";

const guard = { v86: "1", imageId: "i", memoryMb: 64, diskBytes: 4096, devices: "d" };
const request = { holder: "a test", takeover: false, onLost: () => {} };
const gzip = async (bytes: Bytes) => new Uint8Array(gzipSync(bytes));
const record = (serial: number, text: string) => packRecord(serial, new TextEncoder().encode(text), gzip);
const facts = (snapshot: string | null) => ({ guard, origin: "{}", snapshot });

/** A commit with one new pack of memory, which goes with those of `memoryPacks`. */
async function commitOf(number: number, memoryPacks: readonly number[]): Promise<Commit> {
  return {
    devices: await record(0, `devices ${number}`),
    memory: [await record(number, `memory ${number}`)],
    disk: number === 1 ? [await record(1, "disk 1")] : [],
    memoryPacks: [...memoryPacks, number],
    diskPacks: [1],
  };
}

/** Commits 1 to 6: 2 is kept as "two" and 4 as "four"; each needs the pack of its own and of the one before. */
async function withHistory(store: MemoryStore): Promise<{ machine: SavedMachine; id: string }> {
  const machine = await SavedMachine.open(store, "m", request);
  for (let i = 1; i <= 6; i++) {
    const snapshot = i === 2 ? "two" : i === 4 ? "four" : null;
    await machine.commit(await commitOf(i, i === 1 ? [] : [i - 1]), facts(snapshot));
  }
  return { machine, id: (await store.machines())[0] as string };
}

async function content(machine: SavedMachine, generation = machine.generations[0]): Promise<string[]> {
  if (!generation) throw new Error("there is none");
  const { devices, memory } = await machine.load(generation, false);
  const text = ({ bytes }: { bytes: Bytes }) =>
    new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  return Promise.all([devices as NonNullable<typeof devices>, ...memory].map(text));
}

it("a state that is kept under a name stays with all that it needs, besides the last two", async () => {
  const store = new MemoryStore();
  const { machine, id } = await withHistory(store);
  expect(machine.generations.map(({ generation }) => generation)).toEqual([6, 5]);
  const names = (await store.records(id)).sort();
  expect(names.filter((name) => name.startsWith("memory"))).toEqual([1, 2, 3, 4, 5, 6].map((n) => `memory-${n}`));
  expect(names.filter((name) => name.startsWith("generation"))).toEqual([2, 4, 5, 6].map((n) => `generation-${n}`));
  expect(await content(machine, machine.snapshot("two"))).toEqual(["devices 2", "memory 1", "memory 2"]);
  expect(await content(machine, machine.snapshot("four"))).toEqual(["devices 4", "memory 3", "memory 4"]);
  const [two, four] = machine.snapshots;
  expect([two?.name, four?.name]).toEqual(["two", "four"]);
  // memory-4 and disk-1 are of others too.
  const size = async (name: string) => (await store.read(id, name))?.byteLength ?? 0;
  expect(four?.ownBytes).toBe((await size("devices-4")) + (await size("memory-3")));
  expect(four?.bytes).toBe((four?.ownBytes ?? 0) + (await size("memory-4")) + (await size("disk-1")));
  const records = names.filter((name) => !name.startsWith("generation"));
  const [info] = await new SavedMachines(store, "t").list();
  expect(info).toMatchObject({ snapshots: ["two", "four"] });
  expect(info?.bytes).toBe((await Promise.all(records.map(size))).reduce((a, b) => a + b));
});

it("removing one gives back what only it needed, and nothing else", async () => {
  const store = new MemoryStore();
  const { machine, id } = await withHistory(store);
  const before = await store.records(id);
  await machine.removeSnapshot("two");
  const left = new Set(await store.records(id));
  expect(before.filter((name) => !left.has(name)).sort()).toEqual([
    "devices-2",
    "generation-2",
    "memory-1",
    "memory-2",
  ]);
  await expect(machine.removeSnapshot("two")).rejects.toMatchObject({ code: "snapshot-not-found", snapshot: "two" });
  expect(() => machine.snapshot("two")).toThrow("two");
  expect(await content(machine)).toEqual(["devices 6", "memory 5", "memory 6"]);
  expect(await content(machine, machine.snapshot("four"))).toEqual(["devices 4", "memory 3", "memory 4"]);
});

it("a name is given once", async () => {
  const store = new MemoryStore();
  const { machine } = await withHistory(store);
  expect(() => machine.checkSnapshotName("two")).toThrow("remove it first");
  machine.checkSnapshotName("three");
});

it("going back makes it the beginning, and what is saved then follows it; the other states stay", async () => {
  const store = new MemoryStore();
  const { machine, id } = await withHistory(store);
  await machine.release();
  const machines = new SavedMachines(store, "t");
  await machines.goBack("m", "two");
  expect((await machines.snapshots("m")).map(({ name, problem }) => [name, problem])).toEqual([
    ["two", null],
    ["four", null],
  ]);
  const again = await SavedMachine.open(store, "m", request);
  expect(again.generations.map(({ generation }) => generation)).toEqual([2, 6]);
  expect(await content(again)).toEqual(["devices 2", "memory 1", "memory 2"]);
  expect(await content(again, again.generations[1])).toEqual(["devices 6", "memory 5", "memory 6"]);
  // Serials go on: what another state needs is never written over.
  expect(again.nextSerial).toBe(7);
  again.use(again.generations[0] as never);
  await again.commit(await commitOf(7, [1, 2]), facts(null));
  expect(again.generations.map(({ generation }) => generation)).toEqual([7, 2]);
  expect(await content(again)).toEqual(["devices 7", "memory 1", "memory 2", "memory 7"]);
  expect(await content(again, again.snapshot("four"))).toEqual(["devices 4", "memory 3", "memory 4"]);
  expect(await store.records(id)).not.toContain("memory-6");
});

it("a machine that goes on from a state, and the state is removed before the first save: the save still has all it needs", async () => {
  const store = new MemoryStore();
  const { machine } = await withHistory(store);
  machine.use(machine.snapshot("two"));
  await machine.removeSnapshot("two");
  expect(machine.generations.map(({ generation }) => generation)).toEqual([6, 5]);
  await machine.commit(await commitOf(7, [1, 2]), facts("seven"));
  await machine.release();
  const again = await SavedMachine.open(store, "m", request);
  expect(await content(again)).toEqual(["devices 7", "memory 1", "memory 2", "memory 7"]);
  expect(again.snapshots.map(({ name }) => name)).toEqual(["four", "seven"]);
});

it("a duplicate has the states too, as copies; what it saves itself is its own", async () => {
  const store = new MemoryStore();
  const { machine } = await withHistory(store);
  await machine.release();
  const machines = new SavedMachines(store, "t");
  await machines.duplicate("m", "copy");
  await machines.rename("m", "original");
  expect((await machines.snapshots("original")).map(({ name }) => name)).toEqual(["two", "four"]);
  const copy = await SavedMachine.open(store, "copy", request);
  const two = copy.snapshot("two");
  expect([copy.isCopy(two), copy.isCopy(copy.generations[0] as never)]).toEqual([true, true]);
  await copy.goBack("two");
  await copy.commit(await commitOf(7, [1, 2]), facts(null));
  expect([copy.isCopy(two), copy.isCopy(copy.generations[0] as never)]).toEqual([true, false]);
  const original = await SavedMachine.open(store, "original", request);
  expect(original.isCopy(original.snapshot("two"))).toBe(false);
});

it("a damaged head or state: the names are found again, a damaged one says so, and the machine is none the worse", async () => {
  const store = new MemoryStore();
  const { machine, id } = await withHistory(store);
  await machine.release();
  const head = (await store.head(id)) as Bytes;
  const hurt = head.slice();
  hurt[70] = (hurt[70] ?? 0) ^ 1;
  await store.commit(id, { add: new Map(), head: hurt, expected: head, remove: [] });
  const machines = new SavedMachines(store, "t");
  expect((await machines.list())[0]?.snapshots.toSorted()).toEqual(["four", "two"]);
  await store.commit(id, { add: new Map([["generation-2", hurt]]), head, expected: hurt, remove: [] });
  const [two, four] = await machines.snapshots("m");
  expect(two).toMatchObject({ name: "two", bytes: 0, problem: expect.stringContaining("generation-2") });
  expect(four).toMatchObject({ name: "four", problem: null });
  await expect(machines.goBack("m", "two")).rejects.toThrow(MachineDamagedError);
  const again = await SavedMachine.open(store, "m", request);
  expect(again.problems).toEqual([]);
  await again.removeSnapshot("two");
  expect(again.snapshots.map(({ name }) => name)).toEqual(["four"]);
});

it("a save under a name that finds no room changes nothing", async () => {
  const store = new MemoryStore();
  const { machine, id } = await withHistory(store);
  const before = await store.records(id);
  const commit = store.commit;
  store.commit = () => Promise.reject(new Error("no room"));
  await expect(machine.commit(await commitOf(7, [6]), facts("seven"))).rejects.toThrow("no room");
  store.commit = commit;
  expect(await store.records(id)).toEqual(before);
  expect(machine.snapshots.map(({ name }) => name)).toEqual(["two", "four"]);
  await machine.commit(await commitOf(7, [6]), facts("seven"));
  expect(machine.snapshots.map(({ name }) => name)).toEqual(["two", "four", "seven"]);
});

it("operations on a closed machine need its lock, and the machine", async () => {
  const store = new MemoryStore();
  const { machine } = await withHistory(store);
  const machines = new SavedMachines(store, "t");
  await expect(machines.goBack("m", "two")).rejects.toMatchObject({ code: "machine-in-use" });
  await expect(machines.removeSnapshot("m", "two")).rejects.toMatchObject({ code: "machine-in-use" });
  expect(await machines.snapshots("m")).toHaveLength(2);
  await machine.release();
  await expect(machines.goBack("n", "two")).rejects.toMatchObject({ code: "machine-not-found" });
  await expect(machines.goBack("m", "three")).rejects.toMatchObject({ code: "snapshot-not-found" });
  await machines.removeSnapshot("m", "two");
  expect((await machines.snapshots("m")).map(({ name }) => name)).toEqual(["four"]);
});
