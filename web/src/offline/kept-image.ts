import {
  ArtefactLoader,
  browserChunkCache,
  ChunkSource,
  type ImageFile,
  type ImageManifest,
  type KeptChunks,
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
  /** Resolves when the browser has time for the next piece. */
  readonly idle: () => Promise<void>;
}

/** There is not enough room for the rest. */
export class NoRoomError extends Error {}

/** Chunks that are fetched at once. */
const AT_ONCE = 3;
/** Of so many chunks the size is looked at. */
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
    const json = await (await caches.match(this.#address, { cacheName: this.#cacheName }))?.json();
    if (json === undefined) return null;
    const cache = await caches.open(this.#cacheName);
    const manifest = parseImageManifest(json);
    const starts = startFiles(manifest);
    const here = await Promise.all(starts.map(async ({ file }) => (await cache.match(this.#url(file))) !== undefined));
    const chunks = await keptChunks(manifest, await this.#table(cache, manifest));
    const kept = sum(starts.filter((_, at) => here[at])) + chunks.bytes;
    const total = sum(starts) + chunks.totalBytes;
    return { kept, total, isAll: chunks.missing.length === 0 && here.every(Boolean) };
  }

  /** Fetches what is not here yet. @throws NoRoomError, ArtefactMissingError, ArtefactDamagedError, AbortedError */
  async keep({ signal, hasRoom, onProgress, idle }: KeepOptions): Promise<void> {
    const loader = new ArtefactLoader({ manifestUrl: this.#address, transport: unhurried });
    const json = await loader.loadManifest(signal);
    const manifest = parseImageManifest(json);
    const cache = await caches.open(this.#cacheName);
    const starts = startFiles(manifest);
    const needs = sum(starts) + (manifest.disk.chunkSize * GUESS * manifest.disk.table.size) / 36;
    for (const file of starts) {
      if (await cache.match(this.#url(file.file))) continue;
      if (!(await hasRoom(needs))) throw new NoRoomError();
      await idle();
      await cache.put(this.#url(file.file), binary(await loader.loadFile(file, signal)));
    }
    // WHY only now: without a network a machine takes the manifest that is kept, and needs all of its files.
    await cache.put(this.#address, Response.json(json));
    await this.#forgetOthers(cache, starts);

    const table = await this.#table(cache, manifest);
    const chunks = await keptChunks(manifest, table);
    if (!(await hasRoom(chunks.totalBytes - chunks.bytes))) throw new NoRoomError();
    let kept = sum(starts) + chunks.bytes;
    const total = sum(starts) + chunks.totalBytes;
    onProgress({ kept, total });
    const source = new ChunkSource({
      disk: manifest.disk,
      table,
      loader,
      cache: chunks.cache,
      memoryBytes: AT_ONCE * manifest.disk.chunkSize,
    });
    const stop = () => source.close();
    signal.addEventListener("abort", stop);
    const share = (chunks.totalBytes - chunks.bytes) / Math.max(1, chunks.missing.length);
    const waiting = chunks.missing.values();
    const fetchSome = async () => {
      for (const index of waiting) {
        signal.throwIfAborted();
        await idle();
        await source.read(index);
        kept += share;
        onProgress({ kept: Math.min(kept, total), total });
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, fetchSome));
    } finally {
      signal.removeEventListener("abort", stop);
      source.close();
    }
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

  /** Files of the image that the site had before. */
  async #forgetOthers(cache: Cache, files: readonly ImageFile[]): Promise<void> {
    const needed = new Set([this.#address, ...files.map(({ file }) => this.#url(file))]);
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

async function keptChunks({ disk }: ImageManifest, table: ReadonlyMap<number, string>): Promise<Chunks> {
  const cache = browserChunkCache();
  const names = (await cache?.names()) ?? new Set<string>();
  const indices = new Map([...table].map(([index, name]) => [name, index]));
  const here = [...indices.keys()].filter((name) => names.has(name));
  const missing = [...indices].filter(([name]) => !names.has(name)).map(([, index]) => index);
  const step = Math.max(1, here.length / SAMPLE);
  const sizes: number[] = [];
  for (let at = 0; at < here.length; at += step) {
    const bytes = await cache?.get(here[Math.floor(at)] ?? "");
    if (bytes) sizes.push(bytes.byteLength);
  }
  const mean = sizes.length > 0 ? sizes.reduce((all, each) => all + each, 0) / sizes.length : disk.chunkSize * GUESS;
  return { cache, missing, bytes: mean * here.length, totalBytes: mean * indices.size };
}

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
