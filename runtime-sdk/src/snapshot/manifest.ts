import { sha256Hex, sha256OfPieces } from "../bytes/index.ts";
import type { Bytes } from "./store.ts";

/** Version of everything that this folder writes. */
export const FORMAT = 1;

/** What a state can only be restored with: all of it must be the same. */
export interface Guard {
  readonly v86: string;
  readonly imageId: string;
  readonly memoryMb: number;
  readonly diskBytes: number;
  /** Devices and their order. */
  readonly devices: string;
}

/** A record of a generation. */
export interface RecordEntry {
  readonly name: string;
  readonly serial: number;
  /** Bytes in the store. */
  readonly size: number;
  /** Bytes when unpacked. */
  readonly rawBytes: number;
  /** It is packed. */
  readonly gzip: boolean;
  readonly sha256: string;
  /** The SHA-256 is that of the SHA-256s of its pieces, of 1 MiB each. */
  readonly inPieces: boolean;
}

/** A machine at one instant. */
export interface Generation {
  readonly format: number;
  /** Name of the machine when it was saved. */
  readonly name: string;
  readonly generation: number;
  /** The name that it is kept under; null: it is not. The head says so too, and counts. */
  readonly snapshot: string | null;
  /** ms since 1970. */
  readonly savedAt: number;
  readonly guard: Guard;
  /** What the machine was started with; meaningful to who saved it. */
  readonly origin: string;
  /** Null: the machine was off; it has no memory then. */
  readonly devices: RecordEntry | null;
  /** Packs, oldest first. */
  readonly memory: readonly RecordEntry[];
  readonly disk: readonly RecordEntry[];
}

/** A generation that is kept under a name until it is removed. */
export interface KeptEntry {
  readonly snapshot: string;
  readonly generation: number;
  /** ms since 1970. */
  readonly savedAt: number;
}

/** Says which generations of a machine count. */
export interface Head {
  readonly format: number;
  readonly name: string;
  /** Changes when the machine is taken over, so that what the one before still writes does not follow it. */
  readonly owner: string;
  /** Its records are being brought together; it does not count yet. */
  readonly isUnfinished: boolean;
  /** Generations up to this number are another machine's: who opens one gets an identity of its own. */
  readonly copiedUpTo: number;
  /** ms since 1970. */
  readonly createdAt: number;
  readonly usedAt: number;
  /** Their numbers, the newest first; at most two. */
  readonly generations: readonly number[];
  /** Those that are kept besides, in the order in which they were named. */
  readonly kept: readonly KeptEntry[];
  /** First serial that no record of this machine has had. */
  readonly nextSerial: number;
  /** Bytes of all records that count. */
  readonly bytes: number;
}

/** Whether these bytes are the record that was saved. */
export async function isRecord(bytes: Bytes, { sha256, inPieces }: RecordEntry): Promise<boolean> {
  return (await (inPieces ? sha256OfPieces : sha256Hex)(bytes)) === sha256;
}

/** The records that a generation is made of, without its own. */
export function entriesOf({ devices, memory, disk }: Generation): RecordEntry[] {
  return [...(devices ? [devices] : []), ...memory, ...disk];
}

/** Bytes of these records together; one that is there twice counts once. */
export function sumOfSizes(entries: readonly RecordEntry[]): number {
  const sizes = new Map(entries.map(({ name, size }) => [name, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** Names of all records that a generation needs. */
export function recordsOf(generation: Generation): string[] {
  return [`generation-${generation.generation}`, ...entriesOf(generation).map(({ name }) => name)];
}

/** Most generations that are kept under names. */
export const MOST_KEPT = 100;
const MOST_RECORDS = 100_000;
const MOST_BYTES = 2 ** 31;
const MOST_RAW = 64 * 2 ** 20;

/** A head or a generation, as a text whose first line is the SHA-256 of the rest. */
export async function encodeManifest(manifest: Head | Generation): Promise<Bytes> {
  const body = new TextEncoder().encode(JSON.stringify(manifest));
  const sum = new TextEncoder().encode(`${await sha256Hex(body)}\n`);
  const bytes = new Uint8Array(sum.byteLength + body.byteLength);
  bytes.set(sum);
  bytes.set(body, sum.byteLength);
  return bytes;
}

/** @throws RangeError for bytes that are not a head. */
export async function decodeHead(bytes: Bytes): Promise<Head> {
  const head = await parse(bytes);
  const generations = array(head["generations"], "generations", 2).map((value) =>
    integer(value, "generation", 2 ** 48),
  );
  return {
    format: format(head),
    name: text(head["name"], "name"),
    owner: text(head["owner"], "owner"),
    isUnfinished: head["isUnfinished"] === true,
    copiedUpTo: integer(head["copiedUpTo"], "copiedUpTo", 2 ** 48),
    createdAt: integer(head["createdAt"], "createdAt", 2 ** 53 - 1),
    usedAt: integer(head["usedAt"], "usedAt", 2 ** 53 - 1),
    generations,
    kept: array(head["kept"], "kept", MOST_KEPT).map(keptOf),
    nextSerial: integer(head["nextSerial"], "nextSerial", 2 ** 48),
    bytes: integer(head["bytes"], "bytes", 2 ** 53 - 1),
  };
}

/** @throws RangeError for bytes that are not a generation. */
export async function decodeGeneration(bytes: Bytes): Promise<Generation> {
  const value = await parse(bytes);
  const guard = record(value["guard"], "guard");
  return {
    format: format(value),
    name: text(value["name"], "name"),
    generation: integer(value["generation"], "generation", 2 ** 48),
    snapshot: value["snapshot"] === null ? null : text(value["snapshot"], "snapshot"),
    savedAt: integer(value["savedAt"], "savedAt", 2 ** 53 - 1),
    guard: {
      v86: text(guard["v86"], "v86"),
      imageId: text(guard["imageId"], "imageId"),
      memoryMb: integer(guard["memoryMb"], "memoryMb", 4096),
      diskBytes: integer(guard["diskBytes"], "diskBytes", 2 ** 48),
      devices: text(guard["devices"], "devices"),
    },
    origin: text(value["origin"], "origin"),
    devices: value["devices"] === null ? null : entryOf(value["devices"]),
    memory: array(value["memory"], "memory", MOST_RECORDS).map(entryOf),
    disk: array(value["disk"], "disk", MOST_RECORDS).map(entryOf),
  };
}

function keptOf(value: unknown): KeptEntry {
  const kept = record(value, "what is kept");
  return {
    snapshot: text(kept["snapshot"], "snapshot"),
    generation: integer(kept["generation"], "generation", 2 ** 48),
    savedAt: integer(kept["savedAt"], "savedAt", 2 ** 53 - 1),
  };
}

function entryOf(value: unknown): RecordEntry {
  const entry = record(value, "a record");
  return {
    name: text(entry["name"], "name"),
    serial: integer(entry["serial"], "serial", 2 ** 48),
    size: integer(entry["size"], "size", MOST_BYTES),
    rawBytes: integer(entry["rawBytes"], "rawBytes", MOST_RAW),
    gzip: entry["gzip"] !== false,
    sha256: sha256(entry["sha256"]),
    inPieces: entry["inPieces"] === true,
  };
}

async function parse(bytes: Bytes): Promise<Record<string, unknown>> {
  const end = bytes.indexOf(10) + 1;
  const body = bytes.slice(end);
  if (end !== 65 || new TextDecoder().decode(bytes.subarray(0, 64)) !== (await sha256Hex(body)))
    throw new RangeError("the checksum is wrong");
  try {
    return record(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)), "it");
  } catch (cause) {
    if (cause instanceof RangeError) throw cause;
    throw new RangeError("it is not JSON", { cause });
  }
}

function format(value: Record<string, unknown>): number {
  if (value["format"] !== FORMAT)
    throw new RangeError(`format ${String(value["format"])}; this library reads ${FORMAT}`);
  return FORMAT;
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new RangeError(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function array(value: unknown, what: string, most: number): unknown[] {
  if (!Array.isArray(value) || value.length > most) throw new RangeError(`${what} is not a list of at most ${most}`);
  return value;
}

function text(value: unknown, what: string): string {
  if (typeof value !== "string") throw new RangeError(`${what} is not a text`);
  return value;
}

function sha256(value: unknown): string {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) throw new RangeError("a SHA-256 is not one");
  return value;
}

function integer(value: unknown, what: string, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > most)
    throw new RangeError(`${what} is not a whole number up to ${most}`);
  return value;
}
