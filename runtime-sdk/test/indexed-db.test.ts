import { expect, it } from "vitest";
import { localStore } from "warmboot";
import { rejection } from "./support/machine.ts";

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
