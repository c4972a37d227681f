import { InvalidOptionError } from "../errors/index.ts";

/** A file of an image, named relative to the manifest. */
export interface ImageFile {
  /** Relative path, e.g. `bzImage-0123456789abcdef.bin`. */
  readonly file: string;
  /** Length in bytes as published. */
  readonly size: number;
  /** SHA-256 of the bytes as published, 64 hex digits. */
  readonly sha256: string;
}

/** The root disk: equal pieces (chunks) of the raw disk, each published as `chunks/<sha256 of the raw chunk>.bin`, gzip-compressed. */
export interface ImageDisk {
  /** Size of the raw disk in bytes; a multiple of `chunkSize`. */
  readonly size: number;
  /** Bytes a chunk, a power of two from 16 KiB to 1 MiB. */
  readonly chunkSize: number;
  /**
   * The chunks that are not all zero: a binary table of 36-byte rows in rising order of index,
   * `u32 little-endian index` and the SHA-256 of the raw chunk.
   */
  readonly table: ImageFile;
  /**
   * The boot working set: one gzip stream of raw chunks, one after the other in the order of `chunks`
   * (the order in which the boot reads them).
   */
  readonly workingSet: ImageFile & { readonly chunks: readonly number[] };
}

/** A file that holds a record of a state, packed with gzip. */
export interface StateFile extends ImageFile {
  /** Bytes when unpacked. */
  readonly rawBytes: number;
}

/** A login shell of root on a terminal, which waits at its prompt in a base state. */
export interface BaseShell {
  /** Variables that it was started with, over the defaults. */
  readonly env: Readonly<Record<string, string>>;
  /** What it has printed. */
  readonly output: string;
}

/** A machine of the image that has booted: a new one goes on from it instead of booting. */
export interface BaseState {
  /** What it can only be used with: the version of v86, the library's devices, RAM in MiB. The disk has the image's size. */
  readonly v86: string;
  readonly devices: string;
  readonly memoryMb: number;
  /** For the first terminal that is opened; `null`: there is none. */
  readonly shell: BaseShell | null;
  readonly records: {
    readonly devices: StateFile;
    readonly memory: readonly StateFile[];
    readonly disk: readonly StateFile[];
  };
}

/** `image.json`: everything needed to boot an image. */
export interface ImageManifest {
  readonly format: 1;
  readonly name: string;
  /** SHA-256 over the contents of kernel, firmware, command line and raw disk: the identity of the image. */
  readonly id: string;
  readonly kernel: ImageFile;
  readonly bios: ImageFile;
  readonly vgaBios: ImageFile;
  /** Kernel command line. */
  readonly cmdline: string;
  /** RAM in MiB when the caller gives none. */
  readonly memoryMb: number;
  readonly disk: ImageDisk;
  /** `null`: every machine boots. */
  readonly base: BaseState | null;
}

/**
 * Name of the manifest that stays an image's own, beside `image.json`: there machines that were made from it find it when another image has
 * come to that address.
 */
export const ownManifest = (id: string): string => `image-${id.slice(0, 16)}.json`;

const MAX_DISK = 64 * 2 ** 30;
const MAX_FILE = 512 * 2 ** 20;
const MAX_STATE = 64 * 2 ** 20;
const MAX_STATE_FILES = 64;
const MAX_SHELL_OUTPUT = 4096;

type Json = Record<string, unknown>;

function object(value: unknown, at: string): Json {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new InvalidOptionError(at, "must be an object");
  return value as Json;
}

function text(value: unknown, at: string, pattern: RegExp): string {
  if (typeof value !== "string" || !pattern.test(value)) throw new InvalidOptionError(at, `must match ${pattern}`);
  return value;
}

function integer(value: unknown, at: string, min: number, max: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(at, `must be a whole number from ${min} to ${max}`);
  }
  return value;
}

const SHA256 = /^[0-9a-f]{64}$/;
// WHY: a plain name only. A manifest must not be able to point at another host or out of its folder.
const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

function imageFile(value: unknown, at: string): ImageFile {
  const json = object(value, at);
  return {
    file: text(json["file"], `${at}.file`, FILE_NAME),
    size: integer(json["size"], `${at}.size`, 1, MAX_FILE),
    sha256: text(json["sha256"], `${at}.sha256`, SHA256),
  };
}

function imageDisk(value: unknown): ImageDisk {
  const json = object(value, "disk");
  const chunkSize = integer(json["chunkSize"], "disk.chunkSize", 16 * 1024, 1024 * 1024);
  if ((chunkSize & (chunkSize - 1)) !== 0) throw new InvalidOptionError("disk.chunkSize", "must be a power of two");
  const size = integer(json["size"], "disk.size", chunkSize, MAX_DISK);
  if (size % chunkSize !== 0) throw new InvalidOptionError("disk.size", "must be a multiple of disk.chunkSize");
  const workingSet = object(json["workingSet"], "disk.workingSet");
  const chunks = workingSet["chunks"];
  if (!Array.isArray(chunks)) throw new InvalidOptionError("disk.workingSet.chunks", "must be a list");
  return {
    size,
    chunkSize,
    table: imageFile(json["table"], "disk.table"),
    workingSet: {
      ...imageFile(workingSet, "disk.workingSet"),
      chunks: chunks.map((index, i) => integer(index, `disk.workingSet.chunks[${i}]`, 0, size / chunkSize - 1)),
    },
  };
}

function stateFile(value: unknown, at: string): StateFile {
  return { ...imageFile(value, at), rawBytes: integer(object(value, at)["rawBytes"], `${at}.rawBytes`, 1, MAX_STATE) };
}

function stateFiles(value: unknown, at: string): StateFile[] {
  if (!Array.isArray(value) || value.length > MAX_STATE_FILES)
    throw new InvalidOptionError(at, `must be a list of at most ${MAX_STATE_FILES}`);
  return value.map((file, i) => stateFile(file, `${at}[${i}]`));
}

function baseShell(value: unknown): BaseShell | null {
  if (value === undefined || value === null) return null;
  const json = object(value, "base.shell");
  const env = Object.entries(object(json["env"], "base.shell.env"));
  return {
    env: Object.fromEntries(
      env.map(([name, value]) => [name, text(value, `base.shell.env.${name}`, /^[^\0]{0,1000}$/)]),
    ),
    output: text(json["output"], "base.shell.output", new RegExp(`^[^]{0,${MAX_SHELL_OUTPUT}}$`)),
  };
}

function baseState(value: unknown): BaseState | null {
  if (value === undefined || value === null) return null;
  const json = object(value, "base");
  const records = object(json["records"], "base.records");
  return {
    v86: text(json["v86"], "base.v86", /^[\w.-]{1,64}$/),
    devices: text(json["devices"], "base.devices", /^[\x20-\x7e]{0,1000}$/),
    memoryMb: integer(json["memoryMb"], "base.memoryMb", 64, 2047),
    shell: baseShell(json["shell"]),
    records: {
      devices: stateFile(records["devices"], "base.records.devices"),
      memory: stateFiles(records["memory"], "base.records.memory"),
      disk: stateFiles(records["disk"], "base.records.disk"),
    },
  };
}

/**
 * Checks a parsed `image.json` and returns it typed.
 * @throws InvalidOptionError naming the first field that is wrong.
 */
export function parseImageManifest(value: unknown): ImageManifest {
  const json = object(value, "image.json");
  if (json["format"] !== 1)
    throw new InvalidOptionError("format", `this version reads format 1, not ${String(json["format"])}`);
  return {
    format: 1,
    name: text(json["name"], "name", /^[a-z0-9][a-z0-9-]{0,63}$/),
    id: text(json["id"], "id", SHA256),
    kernel: imageFile(json["kernel"], "kernel"),
    bios: imageFile(json["bios"], "bios"),
    vgaBios: imageFile(json["vgaBios"], "vgaBios"),
    cmdline: text(json["cmdline"], "cmdline", /^[\x20-\x7e]{0,2000}$/),
    memoryMb: integer(json["memoryMb"], "memoryMb", 64, 2047),
    disk: imageDisk(json["disk"]),
    base: baseState(json["base"]),
  };
}
