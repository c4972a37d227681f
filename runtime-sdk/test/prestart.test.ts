import { expect, it } from "vitest";
import { boot, imageUrl } from "./support/machine.ts";

const inBrowser = it.skipIf(typeof indexedDB === "undefined");

/** Files that this page has fetched since the list was cleared; those of its workers are not among them. */
function fetched(): string[] {
  return performance.getEntriesByType("resource").map(({ name }) => name.split("/").at(-1) ?? "");
}

/** Counts what is asked of the browser's database, by the name of the record. */
function countReads(): { readonly names: string[]; [Symbol.dispose](): void } {
  const { get } = IDBObjectStore.prototype;
  const names: string[] = [];
  IDBObjectStore.prototype.get = function (key) {
    names.push(Array.isArray(key) ? String(key[1]) : "head");
    return get.call(this, key);
  };
  return {
    names,
    [Symbol.dispose]() {
      IDBObjectStore.prototype.get = get;
    },
  };
}

inBrowser("a machine takes the thread that was started before, and what the page has fetched for it", async () => {
  const { prestart } = await import("warmboot/prestart");
  // The list has room for 250.
  performance.clearResourceTimings();
  prestart({ image: imageUrl() });
  await using session = await boot();
  expect((await session.exec("echo $((6*7))")).stdout).toBe("42\n");
  const files = fetched();
  expect(files.filter((file) => file === "image.json")).toHaveLength(1);
  expect(files.filter((file) => file.startsWith("base-memory-"))).toHaveLength(1);
  expect(files.filter((file) => file === "v86.wasm")).toHaveLength(1);
});

inBrowser("of a machine that was saved, what was saved is read ahead, once, and nothing new is fetched", async () => {
  const { prestart } = await import("warmboot/prestart");
  {
    await using session = await boot({ machine: "ahead" });
    await session.exec("echo $((6*7)) > /root/answer");
    await session.save();
  }
  performance.clearResourceTimings();
  using reads = countReads();
  prestart({ image: imageUrl(), machine: "ahead" });
  await using session = await boot({ machine: "ahead" });
  expect(session.opened.how).toBe("warm");
  expect((await session.exec("cat /root/answer")).stdout).toBe("42\n");
  expect(fetched().filter((file) => file.startsWith("base-memory-"))).toEqual([]);
  const packs = reads.names.filter((name) => name.startsWith("memory-"));
  expect(packs.length).toBeGreaterThan(0);
  expect(new Set(packs).size).toBe(packs.length);
});
