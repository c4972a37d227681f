/** Damages what a browser keeps of machines. */
import type { Page } from "@playwright/test";

/** Changes a byte of each saved record whose name matches, on any page of the site; returns their names. */
export function damageRecords(page: Page, name: RegExp): Promise<string[]> {
  return page.evaluate(async (pattern) => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await done(indexedDB.open("warmboot"));
    const store = () => database.transaction("records", "readwrite").objectStore("records");
    const keys = (await done(store().getAllKeys())) as [string, string][];
    const damaged = keys.filter(([, record]) => new RegExp(pattern).test(record));
    for (const key of damaged) {
      const found: Uint8Array<ArrayBuffer> | Blob = await done(store().get(key));
      const bytes = new Uint8Array(await new Blob([found]).arrayBuffer());
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      await done(store().put(bytes, key));
    }
    database.close();
    return damaged.map(([, record]) => record);
  }, name.source);
}
