/** Keeps published chunks between visits, by name. A cache may forget; it must not lie (what it gives is checked again). */
export interface ChunkCache {
  get(name: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Must not throw: a cache that is full or forbidden just does not keep. */
  put(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  remove(name: string): Promise<void>;
}

const CACHE_NAME = "warmboot-chunks-v1";
const KEYS = "https://chunk.invalid/";

/** A cache that can say what it has. */
export interface KeptChunks extends ChunkCache {
  /** Names of all chunks that it has. */
  names(): Promise<Set<string>>;
  /** Forgets all of them. */
  clear(): Promise<void>;
}

/** The browser's Cache API; `null` where there is none (pages served over plain HTTP). */
export function browserChunkCache(): KeptChunks | null {
  if (typeof caches === "undefined") return null;
  // WHY not the chunk's real address: the same chunk may be published at several.
  const key = (name: string) => `${KEYS}${name}`;
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
    async names() {
      const kept = (await (await opened)?.keys()) ?? [];
      return new Set(kept.map(({ url }) => url.slice(KEYS.length)));
    },
    async clear() {
      // WHY not the cache as a whole: machines that run have it open, and would go on with one that nobody else sees.
      const cache = await opened;
      await Promise.all(((await cache?.keys()) ?? []).map((kept) => cache?.delete(kept)));
    },
  };
}
