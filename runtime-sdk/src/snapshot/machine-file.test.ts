import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { packRecord, sha256Hex } from "../bytes/index.ts";
import { encodeManifest, type Generation, type RecordEntry } from "./manifest.ts";
import { MemoryStore } from "./memory-store.ts";
import { encodePack } from "./pack.ts";
import { SavedMachine } from "./saved-machine.ts";
import { SavedMachines } from "./saved-machines.ts";
import type { Bytes } from "./store.ts";
import { gzip, page, REQUEST, savedIn } from "./test-machine.ts";

const HEAD = 16;

function streamOf(...pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => {
      const piece = pieces.shift();
      if (piece) controller.enqueue(piece);
      else controller.close();
    },
  });
}

async function exported(): Promise<Bytes> {
  const store = new MemoryStore();
  await savedIn(store, 3);
  return new Uint8Array(await new Response(await new SavedMachines(store, "t").export("m")).arrayBuffer());
}

/** What an import of it ends with; nothing of one that is refused may be left. */
async function outcome(...pieces: Uint8Array[]): Promise<string> {
  const store = new MemoryStore();
  const machines = new SavedMachines(store, "t");
  try {
    await machines.import(streamOf(...pieces));
    return "imported";
  } catch (error) {
    expect(await store.machines()).toEqual([]);
    expect(await store.lock("m", REQUEST)).toBeTypeOf("object");
    const { code, detail } = error as { code?: string; detail?: string };
    return `${code}: ${detail}`;
  }
}

/** The file with another table, whose checksum is right, and other records. */
async function remade(file: Bytes, change: (table: Generation) => unknown, records?: Bytes): Promise<Bytes> {
  const size = new DataView(file.buffer).getUint32(12, true);
  const text = new TextDecoder().decode(file.subarray(HEAD + 65, HEAD + size));
  const table = JSON.parse(text);
  const bytes = await encodeManifest((change(table) ?? table) as Generation);
  const head = file.slice(0, HEAD);
  new DataView(head.buffer).setUint32(12, bytes.byteLength, true);
  return new Uint8Array(await new Blob([head, bytes, records ?? file.slice(HEAD + size)]).arrayBuffer());
}

/** The file with these bytes as its first pack of memory, which the table has right. */
async function withPack(file: Bytes, pack: Bytes, rawBytes: number): Promise<Bytes> {
  const size = new DataView(file.buffer).getUint32(12, true);
  const table = JSON.parse(new TextDecoder().decode(file.subarray(HEAD + 65, HEAD + size))) as Generation;
  const start = HEAD + size + (table.devices?.size ?? 0);
  const end = start + (table.memory[0]?.size ?? 0);
  const records = await new Blob([file.slice(HEAD + size, start), pack, file.slice(end)]).arrayBuffer();
  const sha256 = await sha256Hex(pack);
  const entry = { sha256, inPieces: false, rawBytes, size: pack.byteLength };
  return remade(file, ({ memory }) => set(memory[0], entry), new Uint8Array(records));
}

/** Changes a part of a table. */
function set(part: object | undefined, values: object | undefined): void {
  Object.assign(part ?? {}, values);
}

type Draft = { -readonly [K in keyof Generation]: Generation[K] } & {
  memory: { -readonly [K in keyof RecordEntry]: RecordEntry[K] }[];
};

describe("a machine as a file", () => {
  it("comes back as it was, in pieces of any size, as a copy under any name", async () => {
    const file = await exported();
    const store = new MemoryStore();
    const machines = new SavedMachines(store, "t");
    const info = await machines.import(streamOf(...Array.from(file, (byte) => Uint8Array.of(byte))), {
      name: "x/../y",
    });
    expect(info).toMatchObject({ name: "x/../y", snapshots: [] });
    expect(await machines.list()).toEqual([info]);
    await machines.import(streamOf(file));
    const machine = await SavedMachine.open(store, "x/../y", REQUEST);
    const [generation] = machine.generations;
    if (!generation) throw new Error("there is none");
    expect(machine.generations).toHaveLength(1);
    expect(machine.isCopy(generation)).toBe(true);
    expect(machine.nextSerial).toBe(4);
    expect(generation.origin).toBe("");
    const { devices, memory, disk } = await machine.load(generation, false);
    const records = [devices, ...memory, ...disk].map((record) => record?.bytes as Bytes);
    const size = new DataView(file.buffer).getUint32(12, true);
    expect(Buffer.compare(Buffer.concat(records), file.subarray(HEAD + size))).toBe(0);
    // What is exported from there is the same but for the name.
    await machine.release();
    const again = await new Response(await machines.export("x/../y")).bytes();
    expect(Buffer.compare(again.subarray(-1000), file.subarray(-1000))).toBe(0);
  });

  it("is read a record at a time, and only as it is asked for", async () => {
    const store = new MemoryStore();
    await savedIn(store, 3);
    let reads = 0;
    const read = store.read.bind(store);
    store.read = (id, record) => {
      if (!record.startsWith("generation")) reads++;
      return read(id, record);
    };
    const reader = (await new SavedMachines(store, "t").export("m")).getReader();
    const seen: number[] = [];
    for (;;) {
      seen.push(reads);
      if ((await reader.read()).done) break;
    }
    expect(seen).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("of a snapshot; of one that is open or not there it says so; a stream that is cancelled lets the machine go", async () => {
    const store = new MemoryStore();
    await savedIn(store, 3, { 1: "one" });
    const machines = new SavedMachines(store, "t");
    const file = await new Response(await machines.export("m", "one")).bytes();
    const info = await machines.import(streamOf(file), { name: "from one" });
    expect((await machines.snapshots("m")).map(({ bytes }) => bytes)).toEqual([info.bytes]);
    await expect(machines.export("m", "two")).rejects.toMatchObject({ code: "snapshot-not-found" });
    await expect(machines.export("n")).rejects.toMatchObject({ code: "machine-not-found" });
    const stream = await machines.export("m");
    await expect(machines.export("m")).rejects.toMatchObject({ code: "machine-in-use" });
    await stream.cancel();
    await (await machines.export("m")).cancel();
    await expect(machines.import(streamOf(file), { name: "m" })).rejects.toMatchObject({ code: "machine-in-use" });
    await expect(machines.import(streamOf(file), { name: "" })).rejects.toMatchObject({ code: "invalid-option" });
  });

  it("stays whole while others are saved, and what it needed goes when it was read", async () => {
    const store = new MemoryStore();
    const id = await savedIn(store, 1);
    const machine = await SavedMachine.open(store, "m", REQUEST);
    const [first] = machine.generations;
    const stream = machine.export(first as Generation, () => {});
    const { commits, GUARD } = await import("./test-machine.ts");
    const facts = { guard: GUARD, origin: "", snapshot: null };
    for (const commit of (await commits(4)).slice(1)) await machine.commit(commit, facts);
    expect(await store.records(id)).toContain("devices-1");
    const file = await new Response(stream).bytes();
    expect(await outcome(file)).toBe("imported");
    await machine.commit((await commits(4))[3] as never, facts);
    expect(await store.records(id)).not.toContain("devices-1");
  });

  it("fails when a record of the machine is damaged, and lets the machine go", async () => {
    const store = new MemoryStore();
    const id = await savedIn(store, 2);
    const head = (await store.head(id)) as Bytes;
    await store.commit(id, { add: new Map([["memory-1", Uint8Array.of(1)]]), head, expected: head, remove: [] });
    const machines = new SavedMachines(store, "t");
    const reading = new Response(await machines.export("m")).arrayBuffer();
    await expect(reading).rejects.toMatchObject({
      code: "machine-damaged",
      message: expect.stringContaining("memory-1"),
    });
    await (await machines.export("m")).cancel();
  });
});

describe("a file that is refused", () => {
  it("cut anywhere", async () => {
    const file = await exported();
    expect(await outcome(file)).toBe("imported");
    for (let size = 0; size < file.length; size++)
      expect(await outcome(file.subarray(0, size))).toMatch(/^machine-file-refused: it ends in /);
  });

  it("with a bit flipped anywhere", async () => {
    const file = await exported();
    for (let at = 0; at < file.length; at++) {
      const flipped = file.slice();
      flipped[at] = (flipped[at] as number) ^ (1 << (at % 8));
      expect(await outcome(flipped)).toMatch(/^machine-file-refused: /);
    }
  });

  it("with more after its end, or of another kind", async () => {
    const file = await exported();
    expect(await outcome(file, Uint8Array.of(0))).toContain("bytes follow");
    expect(await outcome(new TextEncoder().encode("PK and so on, as a zip file"))).toContain("something else");
    expect(await outcome()).toContain("ends in its head");
    expect(await outcome("a text" as never)).toContain("something else than bytes");
  });

  const tables: [string, (table: Draft) => unknown, string][] = [
    ["a format of another version", (table) => ({ ...table, format: 2 }), "format 2"],
    ["no object", () => [1], "not an object"],
    ["a record twice", ({ memory }) => void memory.splice(1, 0, memory[0] as never), "after number 1"],
    ["records in another order", ({ memory }) => void memory.reverse(), "after number 3"],
    ["a record's name with a path", ({ memory }) => set(memory[0], { name: "../../memory-1" }), "../../memory-1"],
    ["a record's name of the store's own", ({ memory }) => set(memory[0], { name: "head" }), "head"],
    ["a disk's record among the memory", ({ memory, disk }) => set(memory[0], disk[0]), "disk-1"],
    ["a number out of range", ({ memory }) => set(memory[0], { name: "memory-0", serial: 0 }), "number 0"],
    [
      "a number that leaves no next",
      ({ memory }) => set(memory[2], { name: `memory-${2 ** 47}`, serial: 2 ** 47 }),
      "number",
    ],
    [
      "devices that the next save would write over",
      ({ devices }) => set(devices ?? undefined, { name: "devices-4", serial: 4 }),
      "devices 4",
    ],
    ["a size of gigabytes", ({ memory }) => set(memory[0], { size: 2 ** 31 - 1 }), "bytes for"],
    ["a size out of all bounds", ({ memory }) => set(memory[0], { size: 2 ** 52 }), "size"],
    ["a size below zero", ({ memory }) => set(memory[0], { size: -1 }), "size"],
    ["an unpacked size of a bomb", ({ memory }) => set(memory[0], { rawBytes: 60_000_000 }), "larger than a pack"],
    ["devices of a bomb", ({ devices }) => set(devices ?? undefined, { rawBytes: 2 ** 30 }), "rawBytes"],
    [
      "more memory than the machine has",
      ({ memory }) =>
        set(
          memory,
          memory.map((each) => ({ ...each, rawBytes: 900_000 })),
        ),
      "bytes of memory",
    ],
    ["a machine of too much memory", (table) => ({ ...table, guard: { ...table.guard, memoryMb: 4096 } }), "memory of"],
    ["a machine without memory", (table) => ({ ...table, guard: { ...table.guard, memoryMb: 0 } }), "memory of"],
    ["a disk of an odd size", (table) => ({ ...table, guard: { ...table.guard, diskBytes: 2 ** 20 + 1 } }), "disk of"],
    [
      "a disk that is smaller than its pages",
      (table) => ({ ...table, guard: { ...table.guard, diskBytes: 40 * 4096 } }),
      "disk",
    ],
    ["a disk of petabytes", (table) => ({ ...table, guard: { ...table.guard, diskBytes: 2 ** 48 } }), "disk of"],
    ["a list that is none", (table) => ({ ...table, memory: { length: 3 } }), "memory is not a list"],
    ["a size that is too small", ({ memory }) => set(memory[0], { size: (memory[0]?.size ?? 0) - 1 }), "SHA-256"],
    ["an unpacked size that is too small", ({ memory }) => set(memory[0], { rawBytes: 4096 }), "more than"],
    ["an unpacked size that is too large", ({ memory }) => set(memory[0], { rawBytes: 30_000 }), "only"],
    [
      "another size than that of a pack as it is",
      ({ memory }) => set(memory[1], { rawBytes: 9000 }),
      "instead of 9000",
    ],
    ["a packed pack that is said to be as it is", ({ memory }) => set(memory[0], { gzip: false }), "instead of"],
    ["a pack as it is that is said to be packed", ({ memory }) => set(memory[1], { gzip: true }), "not gzip"],
    ["memory of a machine that was off", (table) => ({ ...table, devices: null }), "memory without devices"],
    ["one record too few", ({ memory }) => void memory.pop(), "SHA-256"],
    [
      "one record too many",
      (table) => ({ ...table, disk: [...table.disk, { ...table.disk[2], name: "disk-9", serial: 9 }] }),
      "ends in disk-9",
    ],
  ];
  it.each(tables)("whose table has %s", async (_what, change, reason) => {
    const result = await outcome(await remade(await exported(), change as (table: Generation) => unknown));
    expect(result).toMatch(/^machine-file-refused: /);
    expect(result).toContain(reason);
  });

  it("with a name that no machine can have, unless another is given", async () => {
    const file = await remade(await exported(), (table) => ({ ...table, name: "a\u0000b" }));
    expect(await outcome(file)).toMatch(/^invalid-option/);
    await new SavedMachines(new MemoryStore(), "t").import(streamOf(file), { name: "good" });
  });

  it("with a table or records that claim more than they are", async () => {
    const file = await exported();
    const endless = file.slice();
    new DataView(endless.buffer).setUint32(12, 2 ** 32 - 1, true);
    expect(await outcome(endless)).toContain("a table of 4294967295 bytes");
    const many = await remade(file, (table) => ({
      ...table,
      memory: Array.from({ length: 100_001 }, () => 0),
    }));
    expect(await outcome(many)).toMatch(/^machine-file-refused: /);
  });

  it("with a pack that unpacks to more than it says, to a page that is not there, or to no pack", async () => {
    const file = await exported();
    const bomb = new Uint8Array(gzipSync(new Uint8Array(200 * 2 ** 20)));
    expect(await outcome(await withPack(file, bomb, 500_000))).toContain("more than 500000 bytes");
    const beyond = await packRecord(1, encodePack(new Map([[256, page("memory", 256, 1)]]), []), gzip);
    expect(await outcome(await withPack(file, beyond.bytes, beyond.rawBytes))).toContain("page 256");
    const text = await packRecord(1, new TextEncoder().encode("no pack, but long enough to be one"), gzip);
    expect(await outcome(await withPack(file, text.bytes, text.rawBytes))).toContain("not a pack");
    const plain = encodePack(new Map([[1, page("memory", 1, 1)]]), []);
    expect(await outcome(await withPack(file, plain, plain.byteLength))).toMatch(/^machine-file-refused: memory-1/);
  });

  it("is not read on, and its stream is given up", async () => {
    let pulled = 0;
    let cancelled = false;
    const endless = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          pulled++;
          controller.enqueue(new Uint8Array(1000));
        },
        cancel: () => {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    const machines = new SavedMachines(new MemoryStore(), "t");
    await expect(machines.import(endless)).rejects.toMatchObject({ code: "machine-file-refused" });
    expect([pulled, cancelled]).toEqual([1, true]);
  });

  it("whose stream fails, or does not go on and is given up", async () => {
    const file = await exported();
    const store = new MemoryStore();
    const machines = new SavedMachines(store, "t");
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (controller.desiredSize === 1) controller.enqueue(file.subarray(0, 1000));
        else controller.error(new Error("the cable"));
      },
    });
    await expect(machines.import(broken)).rejects.toMatchObject({ code: "machine-file-refused" });
    const controller = new AbortController();
    const stalled = new ReadableStream<Uint8Array>({ start: (each) => each.enqueue(file.subarray(0, 1000)) });
    const importing = machines.import(stalled, { signal: controller.signal });
    setTimeout(() => controller.abort("enough"), 20);
    await expect(importing).rejects.toMatchObject({ code: "aborted" });
    await expect(machines.import(streamOf(file), { signal: controller.signal })).rejects.toMatchObject({
      code: "aborted",
    });
    expect(await store.machines()).toEqual([]);
  });

  it("that finds no room, or whose making is broken off", async () => {
    const store = new MemoryStore();
    const machines = new SavedMachines(store, "t");
    const commit = store.commit.bind(store);
    let left = 4;
    store.commit = (id, change) => (left-- > 0 ? commit(id, change) : Promise.reject(new Error("no room")));
    await expect(machines.import(streamOf(await exported()))).rejects.toThrow("no room");
    expect(await store.machines()).toEqual([]);
  });
});
