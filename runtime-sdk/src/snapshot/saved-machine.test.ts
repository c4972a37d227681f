import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { packRecord } from "../bytes/index.ts";
import { MachineDamagedError, MachineInUseError, MachineTakenOverError } from "../errors/index.ts";
import type { Commit } from "./commit.ts";
import { MemoryStore } from "./memory-store.ts";
import { SavedMachine } from "./saved-machine.ts";
import { SavedMachines } from "./saved-machines.ts";
import type { Bytes } from "./store.ts";

const guard = { v86: "1", imageId: "i", memoryMb: 64, diskBytes: 4096, devices: "d" };
const facts = { guard, origin: "{}", snapshot: null };
const request = { holder: "a test", takeover: false, onLost: () => {} };
const text = (value: string): Bytes => new TextEncoder().encode(value);

const gzip = async (bytes: Bytes) => new Uint8Array(gzipSync(bytes));

/** A commit whose every part says which one it is. */
async function commitOf(number: number): Promise<Commit> {
  return {
    devices: await packRecord(0, text(`devices ${number}`), gzip),
    memory: [await packRecord(number, text(`memory ${number}`), gzip)],
    disk: number === 1 ? [await packRecord(1, text("disk 1"), gzip)] : [],
    memoryPacks: number === 1 ? [1] : [1, number],
    diskPacks: [1],
  };
}

async function saved(store: MemoryStore, commits: number): Promise<string> {
  const machine = await SavedMachine.open(store, "m", request);
  for (let i = 1; i <= commits; i++) await machine.commit(await commitOf(i), facts);
  await machine.release();
  return (await store.machines())[0] as string;
}

it("keeps the last two generations and what they need, and opens with the newest", async () => {
  const store = new MemoryStore();
  const id = await saved(store, 4);
  expect((await store.records(id)).sort()).toEqual(
    ["devices-3", "devices-4", "disk-1", "generation-3", "generation-4", "memory-1", "memory-3", "memory-4"].sort(),
  );
  const machine = await SavedMachine.open(store, "m", request);
  expect(machine.generations.map(({ generation }) => generation)).toEqual([4, 3]);
  expect(machine.nextSerial).toBe(5);
  expect(machine.problems).toEqual([]);
});

it("after a fall-back the generation that could not be used goes, and the next has a number of its own", async () => {
  const store = new MemoryStore();
  await saved(store, 3);
  const machine = await SavedMachine.open(store, "m", request);
  const previous = machine.generations[1];
  if (!previous) throw new Error("there is none");
  machine.use(previous);
  const commit = { ...(await commitOf(9)), memoryPacks: [1, 2, 9] };
  expect(await machine.commit(commit, facts)).toMatchObject({ generation: 4 });
  expect(machine.generations.map(({ generation }) => generation)).toEqual([4, 2]);
  const [id] = await store.machines();
  expect(await store.records(id as string)).not.toContain("generation-3");
});

it("one writer: a second is refused with the holder's name, or takes over and the first is told and cannot write", async () => {
  const store = new MemoryStore();
  let told = 0;
  const first = await SavedMachine.open(store, "m", { holder: "the first", takeover: false, onLost: () => told++ });
  await first.commit(await commitOf(1), facts);
  await expect(SavedMachine.open(store, "m", request)).rejects.toThrow(MachineInUseError);
  await expect(SavedMachine.open(store, "m", request)).rejects.toThrow("the first");
  const second = await SavedMachine.open(store, "m", { ...request, takeover: true });
  expect(told).toBe(1);
  await second.commit(await commitOf(2), facts);
  await expect(first.commit(await commitOf(3), facts)).rejects.toThrow(MachineTakenOverError);
  expect(second.generations[0]?.generation).toBe(2);
});

it("two who start a machine of one name: the one that was taken over from cannot save it a second time", async () => {
  const store = new MemoryStore();
  const first = await SavedMachine.open(store, "m", request);
  const second = await SavedMachine.open(store, "m", { ...request, takeover: true });
  await second.commit(await commitOf(1), facts);
  await expect(first.commit(await commitOf(1), facts)).rejects.toThrow(MachineTakenOverError);
  expect((await new SavedMachines(store, "t").list()).map(({ name }) => name)).toEqual(["m"]);
});

it.each([0, 1])(
  "one that was not told that it lost the machine cannot write any more, after %i commits",
  async (commits) => {
    const store = new MemoryStore();
    const first = await SavedMachine.open(store, "m", request);
    for (let i = 1; i <= commits; i++) await first.commit(await commitOf(i), facts);
    // A store that does not tell: it stands for a message that is still on its way.
    const lock = store.lock.bind(store);
    store.lock = async (name, wanted) => {
      await lock(name, wanted);
      return { release: async () => {} };
    };
    const untold = await SavedMachine.open(store, "m", { ...request, takeover: true, onLost: () => {} });
    const second = await SavedMachine.open(store, "m", { ...request, takeover: true });
    await expect(untold.commit(await commitOf(commits + 1), facts)).rejects.toThrow(MachineTakenOverError);
    expect(await second.commit(await commitOf(commits + 1), facts)).toMatchObject({ generation: commits + 1 });
    const [machine, ...others] = await new SavedMachines(store, "t").list();
    expect([machine?.name, others]).toEqual(["m", []]);
  },
);

it("one that was taken over before it was ever saved is not in the list, and its name is free", async () => {
  const store = new MemoryStore();
  const machine = await SavedMachine.open(store, "m", { ...request, takeover: true });
  expect(machine.isNew).toBe(true);
  await machine.release();
  const machines = new SavedMachines(store, "t");
  expect(await machines.list()).toEqual([]);
  await expect(machines.duplicate("m", "x")).rejects.toMatchObject({ code: "machine-not-found" });
  await saved(store, 1);
  expect((await machines.list()).map(({ name }) => name)).toEqual(["m"]);
  await machines.rename("m", "n");
  await saved(store, 2);
  expect((await machines.list()).map(({ name }) => name).sort()).toEqual(["m", "n"]);
});

/** What can be read of a machine after its records were hurt: texts of a generation, or why not. */
async function outcome(store: MemoryStore): Promise<string[]> {
  let machine: SavedMachine;
  try {
    machine = await SavedMachine.open(store, "m", request);
  } catch (error) {
    expect(error).toBeInstanceOf(MachineDamagedError);
    return ["damaged"];
  }
  const found: string[] = machine.isNew ? ["new"] : [];
  for (const generation of machine.generations) {
    try {
      const { devices, memory, disk } = await machine.load(generation, false);
      const records = [devices, ...memory, ...disk].map((record) => record as NonNullable<typeof record>);
      const texts = await Promise.all(
        records.map(async ({ bytes }) =>
          new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text(),
        ),
      );
      found.push(`${generation.generation}: ${texts.join(", ")}`);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      found.push(`${generation.generation}: refused`);
    }
  }
  await machine.release();
  return found;
}

it("every byte of every record flipped, every record cut and removed: a generation as it was saved, or it is refused", async () => {
  const store = new MemoryStore();
  const id = await saved(store, 3);
  const whole = new Map<string, Bytes>();
  for (const name of ["head", ...(await store.records(id))])
    whole.set(name, (await (name === "head" ? store.head(id) : store.read(id, name))) as Bytes);
  const right = ["3: devices 3, memory 1, memory 3, disk 1", "2: devices 2, memory 1, memory 2, disk 1"];
  expect(await outcome(store)).toEqual(right);
  let cases = 0;
  const tell = async (name: string, bytes: Bytes | null) => {
    const hurt = new MemoryStore();
    const records = new Map([...whole].filter(([each]) => each !== "head"));
    if (name !== "head") {
      if (bytes) records.set(name, bytes);
      else records.delete(name);
    }
    const head = name === "head" && bytes ? bytes : (whole.get("head") as Bytes);
    await hurt.commit(id, { add: records, head, expected: null, remove: [] });
    const found = await outcome(hurt);
    // WHY: a wrong machine would be one that is none of these.
    for (const line of found) expect([...right, "3: refused", "2: refused", "damaged"]).toContain(line);
    expect(found).not.toContain("new");
    cases++;
    return found;
  };
  for (const [name, bytes] of whole) {
    for (let at = 0; at < bytes.length; at++) {
      const flipped = bytes.slice();
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
      const found = await tell(name, flipped);
      if (name === "head") expect(found).toEqual(right);
      else expect(found).not.toEqual(right);
    }
    for (let size = 0; size < bytes.length; size += 7) await tell(name, bytes.slice(0, size));
    if (name !== "head") await tell(name, null);
  }
  expect(cases).toBeGreaterThan(2000);
});

it("a copy that was broken off is not there, and what is left of it is removed", async () => {
  const store = new MemoryStore();
  await saved(store, 2);
  const machines = new SavedMachines(store, "a test");
  const commit = store.commit.bind(store);
  const drop = store.drop.bind(store);
  let left = 4;
  // The process ends in the middle: nothing it does from then on counts.
  store.commit = (id, change) => (left-- > 0 ? commit(id, change) : Promise.reject(new Error("killed")));
  store.drop = async () => {};
  await expect(machines.duplicate("m", "copy")).rejects.toThrow("killed");
  Object.assign(store, { commit, drop });
  expect(await store.machines()).toHaveLength(2);
  expect((await machines.list()).map(({ name }) => name)).toEqual(["m"]);
  expect(await store.machines()).toHaveLength(1);
  await machines.duplicate("m", "copy");
  expect((await machines.list()).map(({ name }) => name).sort()).toEqual(["copy", "m"]);
});

it("machines are listed, renamed, duplicated and removed", async () => {
  const store = new MemoryStore();
  await saved(store, 2);
  const machines = new SavedMachines(store, "a test");
  await machines.duplicate("m", "copy");
  await machines.rename("m", "other");
  expect((await machines.list()).map(({ name }) => name).sort()).toEqual(["copy", "other"]);
  expect((await machines.list()).every(({ bytes }) => bytes > 0)).toBe(true);
  const copy = await SavedMachine.open(store, "copy", request);
  expect(copy.generations.map(({ generation }) => generation)).toEqual([2, 1]);
  await expect(machines.remove("copy")).rejects.toThrow(MachineInUseError);
  await expect(machines.rename("other", "copy")).rejects.toThrow(MachineInUseError);
  await copy.release();
  await expect(machines.rename("other", "copy")).rejects.toThrow(MachineInUseError);
  await expect(machines.rename("nobody", "x")).rejects.toMatchObject({ code: "machine-not-found" });
  await machines.remove("copy");
  expect((await machines.list()).map(({ name }) => name)).toEqual(["other"]);
});
