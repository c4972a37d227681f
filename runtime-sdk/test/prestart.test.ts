import { expect, it } from "vitest";
import { boot, imageUrl } from "./support/machine.ts";

const inBrowser = it.skipIf(typeof indexedDB === "undefined");

/** Files that this page has fetched since the list was cleared; those of its workers are not among them. */
function fetched(): string[] {
  return performance.getEntriesByType("resource").map(({ name }) => name.split("/").at(-1) ?? "");
}

inBrowser("a machine takes the thread that was started before, and what the page has fetched for it", async () => {
  const { prestart } = await import("warmboot/prestart");
  // The list has room for 250.
  performance.clearResourceTimings();
  prestart({ image: imageUrl(), isNew: true });
  await using session = await boot();
  expect((await session.exec("echo $((6*7))")).stdout).toBe("42\n");
  const files = fetched();
  expect(files.filter((file) => file === "image.json")).toHaveLength(1);
  expect(files.filter((file) => file.startsWith("base-memory-"))).toHaveLength(1);
});

inBrowser("nothing is fetched for a machine that may have been saved", async () => {
  const { prestart } = await import("warmboot/prestart");
  // Something was saved in this browser, whatever it was.
  const request = indexedDB.open("warmboot");
  await new Promise((resolve) => request.addEventListener("success", resolve));
  request.result.close();
  // The list has room for 250.
  performance.clearResourceTimings();
  prestart({ image: imageUrl() });
  await using session = await boot();
  expect((await session.exec("echo $((6*7))")).stdout).toBe("42\n");
  expect(fetched().filter((file) => file.startsWith("base-memory-"))).toEqual([]);
  indexedDB.deleteDatabase("warmboot");
});
