/**
 * Damages the records of a saved machine in all ways and opens it, up to the emulator. `WARMBOOT_CORRUPTION_CASES` and `WARMBOOT_CORRUPTION_SEED`: how
 * many, and the seed of a run that is to be repeated.
 */
import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { sha256Hex } from "../bytes/index.ts";
import { WarmbootError } from "../errors/index.ts";
import { DEVICES, V86_VERSION } from "../machine/index.ts";
import { encodeManifest, entriesOf, type Generation } from "../snapshot/manifest.ts";
import { MemoryStore } from "../snapshot/memory-store.ts";
import { SavedMachine } from "../snapshot/saved-machine.ts";
import type { Bytes, MachineStore } from "../snapshot/store.ts";
import { devicesOf, gzip, PAGES, page, REQUEST, savedIn, truth } from "../snapshot/test-machine.ts";
import { MachineState } from "../worker/machine-state.ts";
import { Beginnings, isRestored } from "./opening.ts";

const CASES = Number(process.env["WARMBOOT_CORRUPTION_CASES"] ?? 3000);
const SEED = Number(process.env["WARMBOOT_CORRUPTION_SEED"] ?? Date.now() % 2 ** 31);
const PAGE_SIZE = 4096;
/** The generations that are there: 2 is kept under a name. */
const GENERATIONS = [4, 3, 2];
const GUARD = { v86: V86_VERSION, devices: DEVICES };

type Records = ReadonlyMap<string, Bytes>;

function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A store in which these are the records of the only machine, the head among them. */
function storeOf(id: string, records: Records): MachineStore {
  const give = (name: string) => Promise.resolve(records.get(name)?.slice() ?? null);
  return {
    place: "a test",
    machines: async () => (records.has("head") ? [id] : []),
    head: async (wanted) => (wanted === id ? give("head") : null),
    read: async (wanted, name) => (wanted === id ? give(name) : null),
    records: async (wanted) => (wanted === id ? [...records.keys()].filter((name) => name !== "head") : []),
    commit: async () => false,
    drop: async () => {},
    lock: async () => ({ release: async () => {} }),
    holder: async () => null,
  };
}

/** A machine that was saved four times. */
async function whole(): Promise<{ readonly id: string; readonly records: Records }> {
  const store = new MemoryStore();
  const id = await savedIn(store, 4, { 2: "two" }, GUARD);
  const records = new Map([["head", (await store.head(id)) as Bytes]]);
  for (const name of await store.records(id)) records.set(name, (await store.read(id, name)) as Bytes);
  return { id, records };
}

/** The bytes of all pages after so many commits. */
function image(kind: "memory" | "disk", generation: number): Buffer {
  const bytes = Buffer.alloc(PAGES * PAGE_SIZE);
  for (const [number, by] of truth(generation)) if (by > 0) bytes.set(page(kind, number, by), number * PAGE_SIZE);
  return bytes;
}

const memories = new Map(GENERATIONS.map((generation) => [generation, image("memory", generation)]));
const disks = new Map(GENERATIONS.map((generation) => [generation, image("disk", generation)]));

/** Which generation these bytes are of; "wrong" for what was never saved. */
function generationOf(images: ReadonlyMap<number, Buffer>, bytes: Uint8Array): number | "wrong" {
  return [...images].find(([, wanted]) => wanted.equals(bytes))?.[0] ?? "wrong";
}

/** Opens the machine as a session does, up to the emulator; tells what it came to. */
async function open(id: string, records: Records): Promise<string> {
  const loaded = new Uint8Array(PAGES * PAGE_SIZE);
  try {
    const machine = await SavedMachine.open(storeOf(id, records), "m", REQUEST);
    if (machine.isNew) return "new";
    const beginnings = new Beginnings(machine, { memoryMb: null, diskMb: null }, null);
    for (;;) {
      const beginning = await beginnings.next();
      const { opened, guard } = beginning;
      try {
        const state = await MachineState.read(beginning.state, guard?.memoryMb ?? 0, guard?.diskBytes ?? 0, true);
        const disk = Buffer.alloc(PAGES * PAGE_SIZE);
        const blocks = state.takeBlocks();
        for (const [i, number] of blocks?.numbers.entries() ?? [])
          disk.set(blocks?.bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE) ?? [], number * PAGE_SIZE);
        const generation = generationOf(disks, disk);
        const restored = state.takeRestored();
        expect(restored !== null).toBe(opened.how !== "cold");
        if (restored) {
          loaded.fill(0);
          restored.fillMemory(loaded);
          if (generationOf(memories, loaded) !== generation) return "wrong";
          const devices = Buffer.from(devicesOf(Number(generation)));
          if (!devices.subarray(-restored.devices.length).equals(restored.devices)) return "wrong";
        }
        expect(opened.reason === undefined).toBe(opened.how === "warm");
        return `${opened.how} ${generation}`;
      } catch (error) {
        // What the machine's thread reports, and the session takes for a bad state.
        if (!(error instanceof RangeError)) throw error;
        if (!isRestored(beginning)) return "damaged";
        beginnings.failed(new (class extends Error {})(error.message) as WarmbootError);
      }
    }
  } catch (error) {
    if (!(error instanceof WarmbootError)) throw error;
    expect(error.code).toBe("machine-damaged");
    return "damaged";
  }
}

/** What is to come of it when these records are not what was saved. */
function expected(needs: ReadonlyMap<number, readonly string[]>, hurt: ReadonlySet<string>): string {
  const isReadable = (generation: number) => !hurt.has(`generation-${generation}`);
  const listed = hurt.has("head") ? GENERATIONS.filter(isReadable).slice(0, 2) : [4, 3];
  const readable = listed.filter(isReadable);
  const isWhole = (generation: number, kind: string) =>
    (needs.get(generation) ?? []).every((name) => !name.startsWith(kind) || !hurt.has(name));
  const warm = readable.find((generation) => isWhole(generation, ""));
  if (warm !== undefined) return warm === 4 && !hurt.has("head") ? "warm 4" : `previous ${warm}`;
  const cold = readable.find((generation) => isWhole(generation, "disk"));
  return cold === undefined ? "damaged" : `cold ${cold}`;
}

async function needsOf(records: Records): Promise<Map<number, string[]>> {
  const parse = (generation: number) =>
    JSON.parse(new TextDecoder().decode(records.get(`generation-${generation}`)?.subarray(65))) as Generation;
  return new Map(GENERATIONS.map((each) => [each, entriesOf(parse(each)).map(({ name }) => name)]));
}

type Damage = (bytes: Bytes, below: (limit: number) => number, others: readonly Bytes[]) => Bytes | null;

/** Where something is in a record: of gzip its head, what is packed and its trailer; of a text its checksum, its end, the JSON. */
function somewhere(bytes: Bytes, below: (limit: number) => number): number {
  const isGzip = bytes[0] === 0x1f;
  const [head, tail] = isGzip ? [10, 8] : [65, 2];
  const part = below(3);
  if (part === 0) return below(head);
  return part === 1 ? bytes.length - 1 - below(tail) : head + below(Math.max(1, bytes.length - head - tail));
}

const flip: Damage = (bytes, below) => {
  const flipped = bytes.slice();
  const at = somewhere(bytes, below);
  flipped[at] = (flipped[at] as number) ^ (1 << below(8));
  return flipped;
};
const DAMAGES: readonly [string, Damage][] = [
  ["a bit flipped", flip],
  ["two bits flipped", (bytes, below, others) => flip(flip(bytes, below, others) as Bytes, below, others)],
  ["cut", (bytes, below) => bytes.slice(0, somewhere(bytes, below))],
  ["begun too late", (bytes, below) => bytes.slice(1 + somewhere(bytes, below))],
  [
    "a byte taken out",
    (bytes, below) => {
      const at = somewhere(bytes, below);
      return Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + 1)]);
    },
  ],
  ["longer", (bytes, below) => Uint8Array.from([...bytes, ...bytes.subarray(0, 1 + below(bytes.length))])],
  [
    "zero in a part",
    (bytes, below) => {
      const zero = bytes.slice();
      const at = somewhere(bytes, below);
      return zero.fill(0, at, at + 1 + below(512));
    },
  ],
  ["empty", () => new Uint8Array(0)],
  ["removed", () => null],
  ["another record", (_bytes, below, others) => others[below(others.length)] as Bytes],
];

it(`damaged records, seed ${SEED}: the best state that is whole, else a typed error; never a wrong machine`, async () => {
  const { id, records } = await whole();
  const needs = await needsOf(records);
  const names = [...records.keys()];
  const below = random(SEED);
  expect(await open(id, records)).toBe("warm 4");
  const seen = new Map<string, number>();
  for (let i = 0; i < CASES; i++) {
    const hurt = new Map(records);
    const done: string[] = [];
    for (let times = 1 + (below(4) === 0 ? 1 + below(4) : 0); times > 0; times--) {
      const name = names[i % 3 === 0 ? below(names.length) : (i + times * 5) % names.length] as string;
      const [what, damage] = DAMAGES[below(DAMAGES.length)] as (typeof DAMAGES)[number];
      const bytes = damage(records.get(name) as Bytes, below, [...records.values()]);
      if (bytes) hurt.set(name, bytes);
      else hurt.delete(name);
      done.push(`${name}: ${what}`);
    }
    const different = names.filter(
      (name) => Buffer.compare(hurt.get(name) ?? Buffer.of(), records.get(name) as Bytes) !== 0,
    );
    const found = await open(id, hurt);
    const wanted = expected(needs, new Set(different));
    // All that is left of a machine whose head and generations are gone is rubbish.
    const isGone = wanted === "damaged" && !hurt.has("head");
    expect([`case ${i}, ${done.join(", ")}`, isGone && found === "new" ? wanted : found]).toEqual([
      `case ${i}, ${done.join(", ")}`,
      wanted,
    ]);
    seen.set(found, (seen.get(found) ?? 0) + 1);
  }
  console.log(`seed ${SEED}, ${CASES} cases: ${JSON.stringify(Object.fromEntries(seen))}`);
  // Each way was taken.
  for (const how of ["warm 4", "previous 4", "previous 3", "cold 4", "cold 3", "damaged"])
    expect(seen.has(how)).toBe(true);
}, 300_000);

/** The records with another content of one, whose size and hash the generations have right: what no checksum tells. */
async function forged(records: Records, name: string, raw: Bytes): Promise<Records> {
  const result = new Map(records);
  const bytes = await gzip(raw);
  result.set(name, bytes);
  const values = {
    size: bytes.length,
    rawBytes: raw.length,
    gzip: true,
    sha256: await sha256Hex(bytes),
    inPieces: false,
  };
  for (const number of GENERATIONS) {
    const text = new TextDecoder().decode(records.get(`generation-${number}`)?.subarray(65));
    const generation = JSON.parse(text) as Generation;
    for (const entry of entriesOf(generation)) if (entry.name === name) Object.assign(entry, values);
    result.set(`generation-${number}`, await encodeManifest(generation));
  }
  return result;
}

it(`records with a right checksum and a wrong content, seed ${SEED}: what cannot be is refused`, async () => {
  const { id, records } = await whole();
  const below = random(SEED);
  const packs = [...records.keys()].filter((name) => /^(memory|disk)-/.test(name));
  for (let i = 0; i < CASES / 10; i++) {
    const name = packs[i % packs.length] as string;
    const stored = records.get(name) as Bytes;
    const raw = stored[0] === 0x1f ? new Uint8Array(gunzipSync(stored)) : stored.slice();
    // Magic, version and the two counts; then the high half of a page's number.
    const at = below(2) === 0 ? below(16) : 16 + 4 * below(3) + 2 + below(2);
    raw[at] = (raw[at] as number) ^ (1 << below(8));
    const bad = below(4) === 0 ? raw.slice(0, below(raw.length)) : raw;
    const found = await open(id, await forged(records, name, bad));
    const isUsed = !name.endsWith("-4");
    // All packs but the last are in both generations; a disk that cannot be read is told by an error.
    if (name.startsWith("disk") && isUsed) expect([i, name, at, found]).toEqual([i, name, at, "damaged"]);
    else expect([i, name, at, found]).toEqual([i, name, at, isUsed ? "cold 4" : "previous 3"]);
  }
  for (const size of [0, 1, 3, 5]) {
    const found = await open(id, await forged(records, "devices-4", new Uint8Array(size).fill(255)));
    expect([size, found]).toEqual([size, "previous 3"]);
  }
}, 300_000);
