/**
 * A machine as one file: 8 bytes of magic, `u32` version, `u32` size of the table, the table, and the records that it lists, one after
 * the other, as they are in a store: the devices, the packs of the memory, those of the disk. The table is the record of a generation.
 */
import { unpackRecord } from "../bytes/index.ts";
import { MachineFileError } from "../errors/index.ts";
import type { ByteReader } from "./byte-reader.ts";
import { decodeDevices } from "./device-record.ts";
import {
  decodeGeneration,
  encodeManifest,
  entriesOf,
  type Generation,
  isRecord,
  type RecordEntry,
} from "./manifest.ts";
import { decodePack, PAGE_SIZE, packSize } from "./pack.ts";
import { PACK_PAGES } from "./page-tracker.ts";
import type { Bytes } from "./store.ts";

const MAGIC = new TextEncoder().encode("WARMBOOT");
const VERSION = 1;
const HEAD = 16;
const MOST_TABLE = 4 * 2 ** 20;
const MOST_SERIAL = 2 ** 40;
const MOST_MEMORY_MB = 2047;
const MOST_DISK = 2 ** 36;
const MIB = 2 ** 20;
/** What a machine's packs may have besides the newest copy of each of its pages; see PackLedger. */
const SURPLUS = 2.5;

/** The bytes of a file, a record at a time. @throws what `read` throws */
export async function* machineFile(
  generation: Generation,
  read: (entry: RecordEntry) => Promise<Bytes>,
): AsyncGenerator<Bytes> {
  const table = await encodeManifest(generation);
  const head = new Uint8Array(HEAD);
  head.set(MAGIC);
  new DataView(head.buffer).setUint32(8, VERSION, true);
  new DataView(head.buffer).setUint32(12, table.byteLength, true);
  yield head;
  yield table;
  for (const entry of entriesOf(generation)) yield await read(entry);
}

/** Reads a file up to its records. @throws MachineFileError, AbortedError */
export async function readTable(reader: ByteReader): Promise<Generation> {
  const head = await reader.take(HEAD, "its head");
  if (!MAGIC.every((byte, i) => head[i] === byte)) throw new MachineFileError("it is something else");
  const view = new DataView(head.buffer);
  const version = view.getUint32(8, true);
  if (version !== VERSION) throw new MachineFileError(`it has version ${version}; this library reads ${VERSION}`);
  const size = view.getUint32(12, true);
  if (size > MOST_TABLE) throw new MachineFileError(`a table of ${size} bytes; ${MOST_TABLE} are allowed`);
  const bytes = await reader.take(size, "its table");
  return refused("the table", async () => {
    const generation = await decodeGeneration(bytes);
    checkTable(generation);
    return generation;
  });
}

/** The next record of a file, checked as a whole. @throws MachineFileError, AbortedError */
export async function readNext(reader: ByteReader, entry: RecordEntry, { guard, devices }: Generation): Promise<Bytes> {
  const { name, size, rawBytes, gzip, serial } = entry;
  const bytes = await reader.take(size, name);
  await refused(name, async () => {
    if (!(await isRecord(bytes, entry))) throw new RangeError("its SHA-256 is another");
    const raw = await unpackRecord({ serial, rawBytes, gzip, bytes });
    if (entry === devices) decodeDevices(raw);
    else decodePack(raw, name.startsWith("disk") ? guard.diskBytes / PAGE_SIZE : (guard.memoryMb * MIB) / PAGE_SIZE);
  });
  return bytes;
}

/** @throws RangeError for a table that no machine can have. */
function checkTable({ generation, guard, devices, memory, disk }: Generation): void {
  const { memoryMb, diskBytes } = guard;
  if (memoryMb < 1 || memoryMb > MOST_MEMORY_MB) throw new RangeError(`a memory of ${memoryMb} MiB`);
  if (diskBytes > MOST_DISK || diskBytes % PAGE_SIZE !== 0) throw new RangeError(`a disk of ${diskBytes} bytes`);
  if (devices) {
    checkEntry(devices, "devices");
    if (devices.serial !== generation) throw new RangeError(`devices ${devices.serial} in generation ${generation}`);
  } else if (memory.length > 0) throw new RangeError("memory without devices");
  checkPacks(memory, "memory", memoryMb * MIB);
  checkPacks(disk, "disk", diskBytes);
}

function checkPacks(entries: readonly RecordEntry[], kind: string, bytes: number): void {
  let last = 0;
  for (const entry of entries) {
    checkEntry(entry, kind);
    if (entry.serial <= last) throw new RangeError(`${entry.name} comes after number ${last}`);
    if (entry.rawBytes > packSize(PACK_PAGES, 0)) throw new RangeError(`${entry.name} is larger than a pack`);
    last = entry.serial;
  }
  const raw = entries.reduce((sum, { rawBytes }) => sum + rawBytes, 0);
  const most = SURPLUS * packSize(bytes / PAGE_SIZE, 0);
  if (raw > most) throw new RangeError(`${raw} bytes of ${kind}, for ${bytes}`);
}

function checkEntry({ name, serial, size, rawBytes }: RecordEntry, kind: string): void {
  if (serial < 1 || serial > MOST_SERIAL) throw new RangeError(`number ${serial}`);
  if (name !== `${kind}-${serial}`) throw new RangeError(`a record ${JSON.stringify(name)} for ${kind} ${serial}`);
  // gzip makes what cannot be packed larger by some bytes in each 16 KiB.
  if (size > rawBytes + rawBytes / 1000 + 1024) throw new RangeError(`${name}: ${size} bytes for ${rawBytes}`);
}

async function refused<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MachineFileError(`${what}: ${error.message}`, error);
  }
}
