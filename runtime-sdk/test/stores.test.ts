import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type MachineStore, memoryStore } from "warmboot";
import { placeForStore } from "./support/store-place.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const change = (
  head: number,
  expected: number | null,
  add: [string, Uint8Array<ArrayBuffer>][] = [],
  remove: string[] = [],
) => ({
  head: bytes(head),
  expected: expected === null ? null : bytes(expected),
  add: new Map(add),
  remove,
});
const lockRequest = (holder: string, onLost = () => {}) => ({ holder, takeover: false, onLost });

async function memoryPlace() {
  const store = memoryStore();
  return { again: () => store, remove: async () => {} };
}

describe.each([
  ["in memory", memoryPlace],
  ["of this platform", placeForStore],
])("a store %s", (_name, makePlace) => {
  let place: Awaited<ReturnType<typeof placeForStore>>;
  let store: MachineStore;
  beforeEach(async () => {
    place = await makePlace();
    store = place.again();
  });
  afterEach(() => place.remove());

  it("is empty at first", async () => {
    expect(await store.machines()).toEqual([]);
    expect(await store.head("a")).toBeNull();
    expect(await store.read("a", "memory-1")).toBeNull();
    expect(await store.records("a")).toEqual([]);
    expect(store.place).not.toBe("");
  });

  it("keeps what was committed, machine by machine, also for one who opens it anew", async () => {
    const large = new Uint8Array(300_000).map((_, i) => i * 7);
    expect(
      await store.commit(
        "a",
        change(1, null, [
          ["memory-1", large],
          ["disk-2", bytes(2)],
        ]),
      ),
    ).toBe(true);
    expect(await store.commit("ab", change(5, null, [["memory-1", bytes(9)]]))).toBe(true);
    const again = place.again();
    expect((await again.machines()).sort()).toEqual(["a", "ab"]);
    expect(await again.head("a")).toEqual(bytes(1));
    expect(await again.read("a", "memory-1")).toEqual(large);
    expect((await again.records("a")).sort()).toEqual(["disk-2", "memory-1"]);
    expect(await again.records("ab")).toEqual(["memory-1"]);
  });

  it("what it gives and takes are copies", async () => {
    const record = bytes(1, 2, 3);
    await store.commit("a", change(1, null, [["memory-1", record]]));
    record[0] = 9;
    const read = await store.read("a", "memory-1");
    expect(read).toEqual(bytes(1, 2, 3));
    if (read) read[0] = 8;
    expect(await store.read("a", "memory-1")).toEqual(bytes(1, 2, 3));
  });

  it("adds, removes and moves the head together", async () => {
    await store.commit(
      "a",
      change(1, null, [
        ["memory-1", bytes(1)],
        ["memory-2", bytes(2)],
      ]),
    );
    expect(await store.commit("a", change(2, 1, [["memory-3", bytes(3)]], ["memory-1", "gone-9"]))).toBe(true);
    expect((await store.records("a")).sort()).toEqual(["memory-2", "memory-3"]);
    expect(await store.head("a")).toEqual(bytes(2));
  });

  it("changes nothing when the head is not the expected one", async () => {
    await store.commit("a", change(1, null, [["memory-1", bytes(1)]]));
    expect(await store.commit("a", change(2, 7, [["memory-2", bytes(3)]], ["memory-1"]))).toBe(false);
    expect(await store.commit("a", change(2, null, [["memory-2", bytes(3)]], ["memory-1"]))).toBe(false);
    expect(await store.commit("b", change(2, 1, [["memory-2", bytes(3)]]))).toBe(false);
    expect(await store.head("a")).toEqual(bytes(1));
    expect(await store.records("a")).toEqual(["memory-1"]);
    expect(await store.machines()).toEqual(["a"]);
  });

  it("drops a machine with all its records", async () => {
    await store.commit("a", change(1, null, [["memory-1", bytes(1)]]));
    await store.commit("b", change(1, null));
    await store.drop("a");
    await store.drop("never there");
    expect(await store.machines()).toEqual(["b"]);
    expect(await store.records("a")).toEqual([]);
  });

  it("locks a name for one, and says who has it", async () => {
    const lock = await store.lock("a/ü", lockRequest("the first one"));
    if (typeof lock === "string") throw new Error(`held by ${lock}`);
    expect(await place.again().holder("a/ü")).toContain("the first one");
    expect(await place.again().holder("b")).toBeNull();
    expect(await place.again().lock("a/ü", lockRequest("the second"))).toContain("the first one");
    const other = await store.lock("b", lockRequest("the second"));
    expect(other).toBeTypeOf("object");
    await lock.release();
    await lock.release();
    expect(await place.again().holder("a/ü")).toBeNull();
    const next = await place.again().lock("a/ü", lockRequest("the second"));
    expect(next).toBeTypeOf("object");
    for (const each of [other, next]) if (typeof each === "object") await each.release();
  });

  it("lets a lock be taken over, and tells the one that had it", async () => {
    let tell = () => {};
    const told = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const first = await store.lock(
      "a",
      lockRequest("the first one", () => tell()),
    );
    const second = await place.again().lock("a", { ...lockRequest("the second"), takeover: true });
    expect(second).toBeTypeOf("object");
    await told;
    if (typeof first === "object") await first.release();
    expect(await store.lock("a", lockRequest("the third"))).toContain("the second");
    if (typeof second === "object") await second.release();
  });

  it("ten who want a lock at once: one gets it", async () => {
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, i) => place.again().lock("a", lockRequest(`number ${i}`))),
    );
    const winners = all.filter((each) => typeof each === "object");
    expect(winners).toHaveLength(1);
    for (const winner of winners) await winner.release();
  });
});
