import { expect, it } from "vitest";
import { localStore, savedMachines } from "warmboot";
import { boot, rejection } from "./support/machine.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const name = () => `warmboot-test-${crypto.randomUUID()}`;
const inBrowser = it.skipIf(typeof indexedDB === "undefined");

function settled(request: IDBOpenDBRequest): Promise<string> {
  return new Promise((resolve) => {
    for (const event of ["success", "error", "blocked"]) request.addEventListener(event, () => resolve(event));
  });
}

inBrowser("a store does not keep its database from being deleted, and begins a new one then", async () => {
  const database = name();
  const store = localStore(database);
  await store.commit("a", { add: new Map([["memory-1", bytes(1)]]), head: bytes(1), expected: null, remove: [] });
  expect(await settled(indexedDB.deleteDatabase(database))).toBe("success");
  expect(await store.machines()).toEqual([]);
  expect(await store.commit("b", { add: new Map(), head: bytes(2), expected: null, remove: [] })).toBe(true);
  expect(await store.machines()).toEqual(["b"]);
  indexedDB.deleteDatabase(database);
});

inBrowser("a change of which a part cannot be written is not made at all, and the store works on", async () => {
  const database = name();
  const store = localStore(database);
  await store.commit("a", { add: new Map([["memory-1", bytes(1)]]), head: bytes(1), expected: null, remove: [] });
  const unwritable = (() => {}) as unknown as Uint8Array<ArrayBuffer>;
  const add = new Map([
    ["memory-2", bytes(2)],
    ["memory-3", unwritable],
  ]);
  const change = { add, head: bytes(2), expected: bytes(1), remove: ["memory-1"] };
  expect(await rejection(store.commit("a", change))).toMatchObject({ code: "store-failed" });
  expect(await store.head("a")).toEqual(bytes(1));
  expect(await store.records("a")).toEqual(["memory-1"]);
  indexedDB.deleteDatabase(database);
});

inBrowser("a database of another kind under the name is an error that says so", async () => {
  const database = name();
  const request = indexedDB.open(database, 7);
  await settled(request);
  request.result.close();
  const error = await rejection(localStore(database).machines());
  expect(error).toMatchObject({ code: "store-failed" });
  expect(error.message).toContain(database);
  indexedDB.deleteDatabase(database);
});

inBrowser("a machine whose storage was emptied runs on, and the next save has all of it", async () => {
  const database = name();
  let session = await boot({ machine: "a", store: localStore(database) });
  await session.exec("echo $((6*7)) > /root/file; echo $((5*5)) > /run/memory");
  await session.save({ snapshot: "first" });
  await session.exec("echo 2 > /root/second");
  expect((await session.save()).wasGone).toBe(false);
  expect(await settled(indexedDB.deleteDatabase(database))).toBe("success");
  await session.exec("echo 3 > /root/third");
  const saved = await session.save();
  expect(saved).toMatchObject({ wasGone: true, generation: 1 });
  expect(await session.snapshots.list()).toEqual([]);
  expect((await session.save({ snapshot: "again" })).wasGone).toBe(false);
  await session.close();
  session = await boot({ machine: "a", store: localStore(database) });
  expect(session.opened.how).toBe("warm");
  const read = "echo 3 > /proc/sys/vm/drop_caches; cat /root/file /root/second /root/third /run/memory";
  expect((await session.exec(read)).stdout).toBe("42\n2\n3\n25\n");
  await session.close();
  expect(await savedMachines(localStore(database)).list()).toMatchObject([{ name: "a", snapshots: ["again"] }]);
  indexedDB.deleteDatabase(database);
});
