/**
 * A sample of what src/session/corruption.test.ts does by the thousand, with machines that really come up. `WARMBOOT_CORRUPTION_BOOTS` and
 * `WARMBOOT_CORRUPTION_SEED`: how many, and the seed of a run that is to be repeated.
 */
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, expect, it } from "vitest";
import { type MachineStore, memoryStore, WarmbootError } from "warmboot";
import { boot } from "../support/machine.ts";

const BOOTS = Number(process.env["WARMBOOT_CORRUPTION_BOOTS"] ?? 8);
const SEED = Number(process.env["WARMBOOT_CORRUPTION_SEED"] ?? Date.now() % 2 ** 31);
const ROUNDS = 3;

type Bytes = Uint8Array<ArrayBuffer>;
type Records = Map<string, Bytes>;

let store: MachineStore;
let id: string;
const records: Records = new Map();

let state = SEED >>> 0;
function below(limit: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
}

beforeAll(async () => {
  store = memoryStore();
  {
    await using session = await boot({ machine: "a", store });
    for (let round = 1; round <= ROUNDS; round++) {
      const noise = `head -c 300000 /dev/urandom > /root/noise${round}; head -c 300000 /dev/urandom > /run/noise${round}`;
      await session.exec(`echo ${round} > /run/round; echo ${round} > /root/round; ${noise}`);
      await session.save();
    }
  }
  id = (await store.machines())[0] as string;
  records.set("head", (await store.head(id)) as Bytes);
  for (const name of await store.records(id)) records.set(name, (await store.read(id, name)) as Bytes);
});

/** A store that has these records, and keeps nothing. */
function storeOf(hurt: Records): MachineStore {
  return {
    place: "a test",
    machines: async () => (hurt.has("head") ? [id] : []),
    head: async (wanted) => (wanted === id && hurt.get("head")?.slice()) || null,
    read: async (wanted, name) => (wanted === id && hurt.get(name)?.slice()) || null,
    records: async (wanted) => (wanted === id ? [...hurt.keys()].filter((name) => name !== "head") : []),
    commit: async () => false,
    drop: async () => {},
    lock: async () => ({ release: async () => {} }),
    holder: async () => null,
  };
}

interface Entry {
  readonly name: string;
}

function generationOf(bytes: Bytes): { devices: Entry; memory: Entry[]; disk: Entry[] } {
  return JSON.parse(new TextDecoder().decode(bytes.subarray(65)));
}

/** How it came up, and whether what is in it is of one instant. */
async function outcome(hurt: Records): Promise<string> {
  try {
    await using session = await boot({ machine: "a", store: storeOf(hurt) });
    const { how, reason } = session.opened;
    expect(reason === undefined).toBe(how === "warm");
    const { stdout } = await session.exec(
      "cat /root/round; cat /run/round || echo none; ls /root/noise* | wc -l; dmesg | grep -ci 'ext4.*error'",
    );
    const [disk, memory, noise, errors] = stdout.trim().split("\n");
    expect([noise, errors]).toEqual([disk, "0"]);
    expect(memory).toBe(how === "cold" ? "none" : disk);
    return `${how} ${disk}`;
  } catch (error) {
    if (!(error instanceof WarmbootError)) throw error;
    return error.code;
  }
}

it(`machines with damaged records come up as they were, or not at all; seed ${SEED}`, async () => {
  expect(await outcome(records)).toBe("warm 3");
  const { devices, memory, disk } = generationOf(records.get("generation-3") as Bytes);
  const needed = new Set(["head", "generation-3", ...[devices, ...memory, ...disk].map((entry) => entry.name)]);
  const seen: string[] = [];
  for (let i = 0; i < BOOTS; i++) {
    const hurt = new Map(records);
    const kinds = [/^devices/, /^memory/, /^disk/, /^generation/, /^head/, /./];
    const names = [...records.keys()].filter((name) => (kinds[i % kinds.length] as RegExp).test(name));
    const name = names[below(names.length)] as string;
    const bytes = (records.get(name) as Bytes).slice();
    const at = below(bytes.length);
    const what = ["flipped", "cut", "emptied", "removed", "swapped"][below(5)] as string;
    if (what === "removed") hurt.delete(name);
    else if (what === "cut") hurt.set(name, bytes.slice(0, at));
    else if (what === "emptied") hurt.set(name, new Uint8Array(0));
    else if (what === "swapped") hurt.set(name, records.get(name === "head" ? "generation-3" : "head") as Bytes);
    else hurt.set(name, bytes.with(at, (bytes[at] as number) ^ (1 << below(8))));
    const found = await outcome(hurt);
    seen.push(`${name} ${what} at ${at}: ${found}`);
    expect.soft(found, seen.at(-1)).toMatch(/^(warm 3|previous [23]|cold [23]|machine-damaged)$/);
    // One that needs the record cannot be what it was.
    if (needed.has(name)) expect.soft(found, seen.at(-1)).not.toBe("warm 3");
  }
  console.log(`seed ${SEED}:\n${seen.join("\n")}`);
}, 600_000);

/** The records with other bytes for one, whose size and hash its generations have right. */
function forged(name: string, change: (raw: Buffer) => Uint8Array): Records {
  const hurt = new Map(records);
  const raw = change(gunzipSync(records.get(name) as Bytes));
  const packed = new Uint8Array(gzipSync(raw));
  hurt.set(name, packed);
  const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  for (const [each, bytes] of records) {
    if (!each.startsWith("generation")) continue;
    const generation = generationOf(bytes);
    for (const entry of [generation.devices, ...generation.memory, ...generation.disk])
      if (entry.name === name)
        Object.assign(entry, { size: packed.length, rawBytes: raw.length, sha256: sha256(packed), inPieces: false });
    const json = Buffer.from(JSON.stringify(generation));
    hurt.set(each, new Uint8Array(Buffer.concat([Buffer.from(`${sha256(json)}\n`), json])));
  }
  return hurt;
}

it.each([
  ["devices that are cut", "devices-3", (raw: Buffer) => raw.subarray(0, raw.length >> 1), /^(previous 2|cold 3)$/],
  ["devices that are none", "devices-3", () => Buffer.alloc(100_000, 255), /^(previous 2|cold 3)$/],
  ["no pack", "memory", (raw: Buffer) => raw.fill(1, 0, 4), /^(previous 2|cold 3)$/],
  ["a pack of a disk that is none", "disk", (raw: Buffer) => raw.fill(1, 0, 4), /^(previous 2|emulator-crashed)$/],
] as const)(
  "%s, with a checksum that is right: a state that is whole, or a typed error",
  async (_what, name, change, way) => {
    const last = (kind: string) =>
      [...records.keys()]
        .filter((each) => each.startsWith(kind))
        .sort((a, b) => Number(a.split("-")[1]) - Number(b.split("-")[1]))
        .at(-1);
    expect(await outcome(forged(last(name) as string, change))).toMatch(way);
  },
  300_000,
);
