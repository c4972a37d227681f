import { afterEach, describe, expect, it } from "vitest";
import { ArtefactDamagedError, ArtefactMissingError } from "../errors/index.ts";
import { ArtefactLoader } from "./artefact-loader.ts";
import type { ChunkCache } from "./chunk-cache.ts";
import { ChunkSource } from "./chunk-source.ts";
import { parseChunkTable } from "./chunk-table.ts";
import { BLOCK_SIZE, CowDisk } from "./cow-disk.ts";
import { CHUNK, type Fault, makeDisk, serve } from "./test-image.ts";
import { fetchTransport } from "./transport.ts";

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const never = new AbortController().signal;

async function setUp(fault?: Fault, cache: ChunkCache | null = null) {
  const image = makeDisk();
  const server = await serve(image.files, fault);
  closing.push(server.close);
  const loader = new ArtefactLoader({
    manifestUrl: server.manifestUrl,
    transport: fetchTransport,
    retryDelaysMs: [1, 1],
    stallTimeoutMs: 200,
  });
  const table = parseChunkTable(image.table, image.disk.size / CHUNK, "table.bin");
  const source = new ChunkSource({ disk: image.disk, table, loader, cache });
  return { ...image, ...server, loader, source };
}

describe("ChunkSource", () => {
  it("fetches a chunk once, however many ask", async () => {
    const { source, raw, requests, chunkName } = await setUp();
    const [a, b] = await Promise.all([source.read(1), source.read(1)]);
    await source.read(1);
    expect(a).toEqual(raw.slice(CHUNK, 2 * CHUNK));
    expect(b).toBe(a);
    expect(requests.get(chunkName(1))).toBe(1);
  });

  it("never fetches a chunk that is all zero", async () => {
    const { source, requests } = await setUp();
    expect((await source.read(2)).every((byte) => byte === 0)).toBe(true);
    expect(requests.size).toBe(0);
  });

  it("takes the working set in one request, and reads wait for it", async () => {
    const { source, raw, requests, loader, disk } = await setUp();
    const done = source.prefetch(loader.loadFile(disk.workingSet, never));
    const chunk = await source.read(3);
    await done;
    expect(chunk).toEqual(raw.slice(3 * CHUNK, 4 * CHUNK));
    expect([...requests.keys()]).toEqual(["pack.bin"]);
  });

  it("falls back to single chunks when the working set is damaged", async () => {
    const { source, raw, loader, disk } = await setUp((name, response) => {
      if (name !== "pack.bin") return false;
      response.writeHead(200).end("nonsense");
      return true;
    });
    const done = source.prefetch(loader.loadFile(disk.workingSet, never));
    expect(await source.read(3)).toEqual(raw.slice(3 * CHUNK, 4 * CHUNK));
    await done;
  });

  it("tries again after a passing fault", async () => {
    const { source, raw, chunkName } = await setUp((name, response, count) => {
      if (name !== chunkName(1) || count > 1) return false;
      response.writeHead(503).end();
      return true;
    });
    expect(await source.read(1)).toEqual(raw.slice(CHUNK, 2 * CHUNK));
  });

  it("tries again after an answer that stalls", async () => {
    const { source, raw } = await setUp((_name, response, count) => {
      if (count > 1) return false;
      response.writeHead(200).write("x");
      return true;
    });
    expect(await source.read(1)).toEqual(raw.slice(CHUNK, 2 * CHUNK));
  });

  it("names the file and the status of a missing chunk, does not insist, and can try later", async () => {
    let missing = true;
    const { source, raw, requests, chunkName } = await setUp((_name, response) => {
      if (missing) response.writeHead(404).end();
      return missing;
    });
    const failure = await source.read(1).catch((error) => error);
    expect(failure).toBeInstanceOf(ArtefactMissingError);
    expect(failure.file).toContain(chunkName(1));
    expect(failure.status).toBe(404);
    expect(requests.get(chunkName(1))).toBe(1);
    missing = false;
    expect(await source.read(1)).toEqual(raw.slice(CHUNK, 2 * CHUNK));
  });

  it.each([
    ["other bytes", (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte))],
    ["half of it", (bytes: Uint8Array) => bytes.slice(0, bytes.length / 2)],
    ["no gzip", () => new TextEncoder().encode("<html>")],
    ["much more", () => new Uint8Array(3 * CHUNK)],
  ])("refuses a chunk that is %s", async (_what, damage) => {
    const { source, chunkName } = await setUp((name, response) => {
      response.writeHead(200).end(damage(makeDisk().files.get(name) as Uint8Array));
      return true;
    });
    const failure = await source.read(1).catch((error) => error);
    expect(failure).toBeInstanceOf(ArtefactDamagedError);
    expect(failure.file).toContain(chunkName(1));
  });

  it("keeps chunks between visits, and does not trust what was kept", async () => {
    const kept = new Map<string, Uint8Array<ArrayBuffer>>();
    const cache: ChunkCache = {
      get: async (name) => kept.get(name) ?? null,
      put: async (name, bytes) => void kept.set(name, bytes),
      remove: async (name) => void kept.delete(name),
    };
    await (await setUp(undefined, cache)).source.read(1);
    expect(kept.size).toBe(1);
    const second = await setUp(undefined, cache);
    expect(await second.source.read(1)).toEqual(second.raw.slice(CHUNK, 2 * CHUNK));
    expect(second.requests.size).toBe(0);
    for (const bytes of kept.values()) bytes[500] = (bytes[500] ?? 0) ^ 1;
    const third = await setUp(undefined, cache);
    expect(await third.source.read(1)).toEqual(third.raw.slice(CHUNK, 2 * CHUNK));
    expect(third.requests.size).toBe(1);
  });

  it("ends a load that waits when the disk is closed", async () => {
    const { source } = await setUp(() => true);
    const reading = source.read(1);
    setTimeout(() => source.close(), 20);
    await expect(reading).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("parseChunkTable", () => {
  it.each([
    ["a row cut short", (table: Buffer) => table.subarray(0, table.length - 1)],
    ["an index twice", (table: Buffer) => Buffer.concat([table.subarray(0, 36), table])],
    ["an index beyond the disk", (table: Buffer) => Buffer.from(table.fill(255, 0, 4))],
  ])("refuses %s", (_what, damage) => {
    const bytes = damage(Buffer.from(makeDisk().table));
    expect(() => parseChunkTable(bytes, 8, "table.bin")).toThrow(ArtefactDamagedError);
  });
});

describe("CowDisk", () => {
  it("does what a flat array does, whatever is read and written", async () => {
    const { source, raw } = await setUp();
    const disk = new CowDisk(source);
    const model = raw.slice();
    let state = 5;
    const below = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    for (let round = 0; round < 400; round++) {
      const offset = below(model.length / 512) * 512;
      const length = Math.min((1 + below(80)) * 512, model.length - offset);
      if (below(2)) {
        const bytes = Uint8Array.from({ length }, () => below(256));
        model.set(bytes, offset);
        await disk.write(offset, bytes);
      } else {
        expect(Buffer.compare(await disk.read(offset, length), model.slice(offset, offset + length))).toBe(0);
      }
    }
    expect(Buffer.compare(await disk.read(0, model.length), model)).toBe(0);
  });

  it("does not fetch what is written over whole", async () => {
    const { source, requests } = await setUp();
    const disk = new CowDisk(source);
    expect(disk.writeNow(CHUNK, new Uint8Array(BLOCK_SIZE))).toBe(true);
    expect(disk.ownBlocks).toBe(1);
    expect(disk.writeNow(CHUNK + BLOCK_SIZE, new Uint8Array(512))).toBe(false);
    expect(requests.size).toBe(0);
  });

  it("refuses bytes beyond its end", async () => {
    const { source } = await setUp();
    const disk = new CowDisk(source);
    expect(() => disk.readNow(8 * CHUNK - 512, 1024)).toThrow(RangeError);
    expect(() => disk.writeNow(-512, new Uint8Array(512))).toThrow(RangeError);
  });
});
