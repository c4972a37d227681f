/** Keeps published chunks between visits, by name. A cache may forget; it must not lie (what it gives is checked again). */
export interface ChunkCache {
  get(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Must not throw: a cache that is full or forbidden just does not keep. */
  put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(name: string): Promise<void>;
}

const CACHE_NAME = "warmboot-chunks-v1";

/** The browser's Cache API; `null` where there is none (pages served over plain HTTP). */
export function browserChunkCache(): ChunkCache | null {
  if (typeof caches === "undefined") return null;
  // WHY not the chunk's real address: the same chunk may be published at several.
  const key = (name: string) => `https://chunk.invalid/${name}`;
  const opened = caches.open(CACHE_NAME).catch(() => null);
  return {
    async get(name) {
      const response = await (await opened)?.match(key(name));
      return response ? new Uint8Array(await response.arrayBuffer()) : null;
    },
    async put(name, bytes) {
      await (await opened)?.put(key(name), new Response(bytes)).catch(() => {});
    },
    async remove(name) {
      await (await opened)?.delete(key(name)).catch(() => {});
    },
  };
}
