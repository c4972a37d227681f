import { expect, it } from "vitest";
import { type MachineStore, memoryStore } from "warmboot";
import { boot, rejection } from "./support/machine.ts";

/** A machine saved twice: 1 is in its memory and on its disk, then 2. */
async function savedTwice(): Promise<MachineStore> {
  const store = memoryStore();
  await using session = await boot({ machine: "a", store });
  for (const round of [1, 2]) {
    await session.exec(
      `echo ${round} > /run/round; echo ${round} > /root/round; head -c 200000 /dev/urandom > /root/noise${round}`,
    );
    await session.save();
  }
  return store;
}

/** A store that gives one record with a byte flipped in its middle. */
function damaged(store: MachineStore, hurt: (record: string) => boolean): MachineStore {
  return Object.assign(Object.create(store) as MachineStore, {
    place: store.place,
    machines: () => store.machines(),
    head: (id: string) => store.head(id),
    records: (id: string) => store.records(id),
    commit: (id: string, change: Parameters<MachineStore["commit"]>[1]) => store.commit(id, change),
    lock: (name: string, request: Parameters<MachineStore["lock"]>[1]) => store.lock(name, request),
    read: async (id: string, record: string) => {
      const bytes = await store.read(id, record);
      const middle = (bytes?.length ?? 0) >> 1;
      if (bytes && hurt(record)) bytes[middle] = (bytes[middle] ?? 0) ^ 1;
      return bytes;
    },
  });
}

it("a damaged record: the state before, else a boot from the same disk, else an error; never a wrong machine", async () => {
  const store = await savedTwice();
  const [id = ""] = await store.machines();
  const records = await store.records(id);
  const newest = (kind: string) =>
    Math.max(...records.filter((each) => each.startsWith(kind)).map((each) => Number(each.split("-")[1])));
  const look = async (hurt: (record: string) => boolean) => {
    await using session = await boot({ machine: "a", store: damaged(store, hurt) });
    const { stdout } = await session.exec("cat /root/round; cat /run/round || echo none");
    return { ...session.opened, found: stdout };
  };
  expect(await look(() => false)).toEqual({ how: "warm", savedAt: expect.any(Date), found: "2\n2\n" });
  for (const record of [
    `devices-${newest("devices")}`,
    `memory-${newest("memory")}`,
    `generation-${newest("generation")}`,
  ])
    expect(await look((each) => each === record)).toEqual({
      how: "previous",
      savedAt: expect.any(Date),
      reason: expect.stringContaining(record),
      found: "1\n1\n",
    });
  expect(await look((each) => each.startsWith("devices"))).toMatchObject({ how: "cold", found: "2\nnone\n" });
  const disk = `disk-${newest("disk")}`;
  expect(await look((each) => each === disk || each.startsWith("devices"))).toMatchObject({
    how: "cold",
    reason: expect.stringContaining(disk),
    found: "1\nnone\n",
  });
  expect(await rejection(look((each) => each.startsWith("disk")))).toMatchObject({
    code: "machine-damaged",
    message: expect.stringContaining("disk-"),
  });
  // Nothing of it has changed the machine.
  expect(await look(() => false)).toEqual({ how: "warm", savedAt: expect.any(Date), found: "2\n2\n" });
});
