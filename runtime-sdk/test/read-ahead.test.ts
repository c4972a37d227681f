import { afterEach, expect, it } from "vitest";
import { IndexedDbStore } from "../src/snapshot/indexed-db-store.ts";
import { readAhead } from "../src/snapshot/read-ahead.ts";

const inBrowser = it.skipIf(typeof indexedDB === "undefined");
const DATABASE = "read-ahead";
const REQUEST = { holder: "a test", takeover: false, onLost: () => {} };

/** Bytes as whoever saves a machine writes them, but for the checksum, which is another one's to look at. */
function manifest(content: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`${"0".repeat(64)}\n${JSON.stringify(content)}`);
}

/** A machine with one record of memory. */
function machine(version: number) {
  const head = manifest({ name: "some", generations: [1], version });
  const generation = manifest({ devices: null, memory: [{ name: "memory-1" }], disk: [] });
  const add = new Map([
    ["generation-1", generation],
    ["memory-1", Uint8Array.of(version)],
  ]);
  return { add, head, expected: null, remove: [] };
}

/** Opens the machine as one that is saved is opened. */
async function memoryOf(id: string): Promise<{ bytes: Uint8Array | null; reads: number }> {
  const store = new IndexedDbStore(DATABASE);
  const lock = await store.lock("some", REQUEST);
  if (typeof lock === "string") throw new Error(`${lock} has it`);
  await store.head(id);
  const { get } = IDBObjectStore.prototype;
  let reads = 0;
  IDBObjectStore.prototype.get = function (key) {
    reads++;
    return get.call(this, key);
  };
  try {
    return { bytes: await store.read(id, "memory-1"), reads };
  } finally {
    IDBObjectStore.prototype.get = get;
    await lock.release();
  }
}

afterEach(() => {
  if (typeof indexedDB !== "undefined") indexedDB.deleteDatabase(DATABASE);
});

inBrowser("what was read ahead is not read again", async () => {
  await new IndexedDbStore(DATABASE).commit("id", machine(1));
  expect(await readAhead(DATABASE, "some")).toBe(true);
  expect(await memoryOf("id")).toEqual({ bytes: Uint8Array.of(1), reads: 0 });
});

inBrowser("it does not count when there is another machine of the name since", async () => {
  const store = new IndexedDbStore(DATABASE);
  await store.commit("id", machine(1));
  expect(await readAhead(DATABASE, "some")).toBe(true);
  await store.drop("id");
  await store.commit("id", machine(2));
  expect(await memoryOf("id")).toEqual({ bytes: Uint8Array.of(2), reads: 1 });
});

inBrowser("a machine that is not there is not found, and no database is made for it", async () => {
  expect(await readAhead(DATABASE, "some")).toBe(false);
  expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(DATABASE);
  await new IndexedDbStore(DATABASE).commit("id", machine(1));
  expect(await readAhead(DATABASE, "another")).toBe(false);
});
