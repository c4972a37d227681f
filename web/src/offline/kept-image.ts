import {
  ArtefactLoader,
  browserChunkCache,
  ChunkSource,
  type ImageFile,
  type ImageManifest,
  type KeptChunks,
  ownManifest,
  parseChunkTable,
  parseImageManifest,
  type Transport,
} from "warmboot/manifest";
import { imageCache } from "./names.ts";

/** How much of an image is kept, in bytes as they are fetched. */
export interface KeptBytes {
  readonly kept: number;
  /** Nobody has measured the chunks that are not here; they are taken to be as large as the others. */
  readonly total: number;
}

export interface KeepOptions {
  readonly signal: AbortSignal;
  /** Whether there is room for so many bytes more. */
  readonly hasRoom: (bytes: number) => Promise<boolean>;
  readonly onProgress: (bytes: KeptBytes) => void;
  /** Runs the fetching of a piece when it is its turn. */
  readonly inTurn: <T>(fetch: () => Promise<T>) => Promise<T>;
  /** Identities of the images that machines here were made from; `null`: not known. */
  readonly used: () => Promise<ReadonlySet<string> | null>;
}

/** There is not enough room for the rest. */
export class NoRoomError extends Error {}

/** Chunks that are fetched at once, at most. */
const AT_ONCE = 3;
/** Beside the manifest that is kept: bytes of all chunks, once all were here. */
const DISK_BYTES = "Warmboot-Disk-Bytes";
/** Of so many chunks the size is looked at, before that. */
const SAMPLE = 48;
/** What half a megabyte of a disk is when packed, until something is known: a third. */
const GUESS = 1 / 3;

/** An image of the site, kept so that machines of it start and run without a network. */
export class KeptImage {
  readonly #address: string;
  readonly #cacheName: string;

  /** @param folder Address of the site's folder. */
  constructor(address: string, folder: string) {
    this.#address = address;
    this.#cacheName = imageCache(folder);
  }

  /** How much is kept; null: nothing that a machine could start from. */
  async look(): Promise<(KeptBytes & { readonly isAll: boolean }) | null> {
    // WHY not opened: that would make an empty one.
    const found = await caches.match(this.#address, { cacheName: this.#cacheName });
    if (!found) return null;
    const cache = await caches.open(this.#cacheName);
    const manifest = parseImageManifest(await found.json());
    const starts = startFiles(manifest);
    const here = await Promise.all(starts.map(async ({ file }) => (await cache.match(this.#url(file))) !== undefined));
    const chunks = await keptChunks(manifest, await this.#table(cache, manifest), measured(found));
    const kept = sum(starts.filter((_, at) => here[at])) + chunks.bytes;
    const total = sum(starts) + chunks.totalBytes;
    return { kept, total, isAll: chunks.missing.length === 0 && here.every(Boolean) };
  }

  /** Fetches what is not here yet. @throws NoRoomError, ArtefactMissingError, ArtefactDamagedError, AbortedError */
  async keep({ signal, hasRoom, onProgress, inTurn, used }: KeepOptions): Promise<void> {
    const loader = new ArtefactLoader({ manifestUrl: this.#address, transport: unhurried });
    const json = await loader.loadManifest(signal);
    const manifest = parseImageManifest(json);
    const cache = await caches.open(this.#cacheName);
    const starts = startFiles(manifest);
    const needs = sum(starts) + (manifest.disk.chunkSize * GUESS * manifest.disk.table.size) / 36;
    for (const file of starts) {
      if (await cache.match(this.#url(file.file))) continue;
      if (!(await hasRoom(needs))) throw new NoRoomError();
      await inTurn(async () => cache.put(this.#url(file.file), binary(await loader.loadFile(file, signal))));
    }
    // WHY only now: without a network a machine takes the manifest that is kept, and needs all of its files.
    const found = await cache.match(this.#address);
    const former = await found?.clone().json();
    const isNew = JSON.stringify(former) !== JSON.stringify(json);
    // WHY also the one that was here: machines may have been made from it.
    for (const each of isNew ? [former, json] : [json]) await this.#keepOwn(cache, each);
    if (isNew) await cache.put(this.#address, Response.json(json));
    const ids = await used();
    if (ids) await this.#forgetOthers(cache, starts, new Set([...ids, manifest.id]));

    const table = await this.#table(cache, manifest);
    const size = isNew ? null : measured(found);
    const chunks = await keptChunks(manifest, table, size);
    if (!(await hasRoom(chunks.totalBytes - chunks.bytes))) throw new NoRoomError();
    const before = sum(starts) + chunks.bytes;
    const total = sum(starts) + chunks.totalBytes;
    const share = (total - before) / Math.max(1, chunks.missing.length);
    let fetched = 0;
    if (chunks.missing.length > 0) onProgress({ kept: before, total });
    await fetchChunks(chunks, { disk: manifest.disk, table, loader, signal }, async (fetch) => {
      await inTurn(fetch);
      onProgress({ kept: before + share * ++fetched, total });
    });
    const names = await chunks.cache?.names();
    if (size !== null || ![...table.values()].every((name) => names?.has(name))) return;
    const headers = { [DISK_BYTES]: String(await sizeOf(chunks.cache, new Set(table.values()))) };
    await cache.put(this.#address, Response.json(json, { headers }));
  }

  async remove(): Promise<void> {
    await caches.delete(this.#cacheName);
    await browserChunkCache()?.clear();
  }

  async #table(cache: Cache, { disk }: ImageManifest): Promise<ReadonlyMap<number, string>> {
    const url = this.#url(disk.table.file);
    const bytes = (await (await cache.match(url))?.arrayBuffer()) ?? new ArrayBuffer();
    return parseChunkTable(new Uint8Array(bytes), disk.size / disk.chunkSize, url);
  }

  /** Keeps a manifest under the name that stays its own. */
  async #keepOwn(cache: Cache, json: unknown): Promise<void> {
    if (json === undefined) return;
    const url = this.#url(ownManifest(parseImageManifest(json).id));
    if (!(await cache.match(url))) await cache.put(url, Response.json({ ...(json as object), base: null }));
  }

  /** Files of images that the site had before, if no machine here was made from them. `ids`: of those that are needed. */
  async #forgetOthers(cache: Cache, files: readonly ImageFile[], ids: ReadonlySet<string>): Promise<void> {
    const needed = new Set([this.#address, ...files.map(({ file }) => this.#url(file))]);
    for (const id of ids) {
      const url = this.#url(ownManifest(id));
      const found = await cache.match(url);
      if (found) for (const { file } of startFiles(parseImageManifest(await found.json()))) needed.add(this.#url(file));
      needed.add(url);
    }
    for (const { url } of await cache.keys()) if (!needed.has(url)) await cache.delete(url);
  }

  #url(file: string): string {
    return new URL(file, this.#address).href;
  }
}

/** What machines of an image start from: from its booted state, or with the kernel. */
function startFiles({ base, kernel, bios, vgaBios, disk }: ImageManifest): ImageFile[] {
  const { devices, memory, disk: written } = base?.records ?? { devices: [], memory: [], disk: [] };
  return [devices, memory, written, disk.table, bios, vgaBios, kernel, disk.workingSet].flat();
}

interface Chunks {
  readonly cache: KeptChunks | null;
  /** One index for each chunk that is not here. */
  readonly missing: readonly number[];
  readonly bytes: number;
  readonly totalBytes: number;
}

/** @param size Bytes of all chunks, if somebody has measured them. */
async function keptChunks(
  { disk }: ImageManifest,
  table: ReadonlyMap<number, string>,
  size: number | null,
): Promise<Chunks> {
  const cache = browserChunkCache();
  const names = (await cache?.names()) ?? new Set<string>();
  const indices = new Map([...table].map(([index, name]) => [name, index]));
  const here = [...indices.keys()].filter((name) => names.has(name));
  const missing = [...indices].filter(([name]) => !names.has(name)).map(([, index]) => index);
  if (size !== null && missing.length === 0) return { cache, missing, bytes: size, totalBytes: size };
  const step = Math.max(1, Math.floor(here.length / SAMPLE));
  const sample = new Set(here.filter((_, at) => at % step === 0));
  const mean = sample.size > 0 ? (await sizeOf(cache, sample)) / sample.size : disk.chunkSize * GUESS;
  return { cache, missing, bytes: mean * here.length, totalBytes: size ?? mean * indices.size };
}

interface From {
  readonly disk: ImageManifest["disk"];
  readonly table: ReadonlyMap<number, string>;
  readonly loader: ArtefactLoader;
  readonly signal: AbortSignal;
}

/** Fetches those that are missing, and has them checked and kept. */
async function fetchChunks(
  { cache, missing }: Chunks,
  { disk, table, loader, signal }: From,
  each: (fetch: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const writes: Promise<void>[] = [];
  const watched = cache && {
    ...cache,
    put: (name: string, bytes: Uint8Array<ArrayBuffer>) => {
      const write = cache.put(name, bytes);
      writes.push(write);
      return write;
    },
  };
  const source = new ChunkSource({ disk, table, loader, cache: watched, memoryBytes: AT_ONCE * disk.chunkSize });
  const stop = () => source.close();
  signal.addEventListener("abort", stop);
  const waiting = missing.values();
  const fetchSome = async () => {
    for (const index of waiting) {
      signal.throwIfAborted();
      await each(() => source.read(index));
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, fetchSome));
    await Promise.all(writes);
  } finally {
    signal.removeEventListener("abort", stop);
    source.close();
  }
}

async function sizeOf(cache: KeptChunks | null, names: ReadonlySet<string>): Promise<number> {
  let bytes = 0;
  for (const name of names) bytes += (await cache?.get(name))?.byteLength ?? 0;
  return bytes;
}

const measured = (manifest: Response | undefined): number | null => {
  const bytes = manifest?.headers.get(DISK_BYTES);
  return bytes ? Number(bytes) : null;
};

const sum = (files: readonly ImageFile[]): number => files.reduce((all, { size }) => all + size, 0);

const binary = (bytes: Uint8Array<ArrayBuffer>): Response =>
  new Response(bytes, { headers: { "Content-Type": "application/octet-stream" } });

/** The web, after everything that somebody waits for. */
const unhurried: Transport = {
  async get(url, { signal, fresh }) {
    // WHY not in the browser's own cache, too: chunks are kept once they are checked, and most were never asked for before.
    const usual = url.includes("/chunks/") ? "no-store" : "default";
    const cache = fresh ? "reload" : usual;
    const { status, body } = await fetch(url, { signal, cache, credentials: "same-origin", priority: "low" });
    return { status, body };
  },
  open: () => Promise.reject(new Error("unreachable: files of an image are fetched whole")),
};
