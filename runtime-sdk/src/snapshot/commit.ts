import { type StateRecord, sha256OfPieces } from "../bytes/index.ts";
import { encodeManifest, FORMAT, type Generation, type RecordEntry } from "./manifest.ts";
import type { Bytes } from "./store.ts";

/** What a commit stores. */
export interface Commit {
  /** Null for a machine that is off. */
  readonly devices: StateRecord | null;
  /** New packs. */
  readonly memory: readonly StateRecord[];
  readonly disk: readonly StateRecord[];
  /** Serials of all packs that count, oldest first; those that are not new are of the generation that the machine goes on from. */
  readonly memoryPacks: readonly number[];
  readonly diskPacks: readonly number[];
}

/** What is to be said of a generation besides its records. */
export type Facts = Pick<Generation, "name" | "generation" | "snapshot" | "guard" | "origin">;

/**
 * Makes a generation of a commit, and the records that are new.
 * @param base The generation that the machine goes on from.
 */
export async function makeGeneration(
  commit: Commit,
  base: Generation | null,
  facts: Facts,
): Promise<{ readonly generation: Generation; readonly add: Map<string, Bytes> }> {
  const add = new Map<string, Bytes>();
  const store = async (kind: string, record: StateRecord, serial: number): Promise<RecordEntry> => {
    const name = `${kind}-${serial}`;
    add.set(name, record.bytes);
    const { rawBytes, gzip, bytes } = record;
    return {
      name,
      serial,
      size: bytes.byteLength,
      rawBytes,
      gzip,
      sha256: await sha256OfPieces(bytes),
      inPieces: true,
    };
  };
  const packs = async (kind: "memory" | "disk", fresh: readonly StateRecord[], serials: readonly number[]) => {
    const entries = new Map(base?.[kind].map((entry) => [entry.serial, entry]));
    for (const record of fresh) entries.set(record.serial, await store(kind, record, record.serial));
    return serials.map((serial) => {
      const entry = entries.get(serial);
      if (!entry) throw new Error(`there is no pack ${serial} of the ${kind}`);
      return entry;
    });
  };
  const generation: Generation = {
    format: FORMAT,
    ...facts,
    savedAt: Date.now(),
    devices: commit.devices && (await store("devices", commit.devices, facts.generation)),
    memory: await packs("memory", commit.memory, commit.memoryPacks),
    disk: await packs("disk", commit.disk, commit.diskPacks),
  };
  add.set(`generation-${facts.generation}`, await encodeManifest(generation));
  return { generation, add };
}
