import type { PayloadReader } from "./payload.ts";

/** What a directory entry is. */
export type FileType =
  | "file"
  | "directory"
  | "symlink"
  | "fifo"
  | "socket"
  | "block-device"
  | "character-device"
  | "unknown";

/** What stat(2) says of a file. */
export interface FileStat {
  /** What kind of thing it is. */
  readonly type: FileType;
  /** Permission bits with set-user-id, set-group-id and sticky: 0 to 0o7777. */
  readonly mode: number;
  /** Owner's number. */
  readonly uid: number;
  /** Group's number. */
  readonly gid: number;
  /** Names that the file has. */
  readonly links: number;
  /** Bytes. */
  readonly size: number;
  /** Bytes that it takes on the disk. */
  readonly allocatedBytes: number;
  /** Number of the file on its file system. */
  readonly inode: bigint;
  /** Number of the file system it is on. */
  readonly device: bigint;
  /** Last reading, in ms since 1970, with fractions. */
  readonly atimeMs: number;
  /** Last change of the content, in ms since 1970, with fractions. */
  readonly mtimeMs: number;
  /** Last change of content or attributes, in ms since 1970, with fractions. */
  readonly ctimeMs: number;
}

const FORMAT_MASK = 0o170000;
const TYPES = new Map<number, FileType>([
  [0o010000, "fifo"],
  [0o020000, "character-device"],
  [0o040000, "directory"],
  [0o060000, "block-device"],
  [0o100000, "file"],
  [0o120000, "symlink"],
  [0o140000, "socket"],
]);

/** Bytes of a block in st_blocks, whatever the file system's own block is. */
const STAT_BLOCK = 512;

function readTimeMs(reader: PayloadReader): number {
  const seconds = Number(BigInt.asIntN(64, reader.u64()));
  return seconds * 1000 + reader.u32() / 1e6;
}

export function readStat(reader: PayloadReader): FileStat {
  const mode = reader.u32();
  return {
    type: TYPES.get(mode & FORMAT_MASK) ?? "unknown",
    mode: mode & 0o7777,
    uid: reader.u32(),
    gid: reader.u32(),
    links: reader.u32(),
    size: Number(reader.u64()),
    inode: reader.u64(),
    device: reader.u64(),
    allocatedBytes: Number(reader.u64()) * STAT_BLOCK,
    atimeMs: readTimeMs(reader),
    mtimeMs: readTimeMs(reader),
    ctimeMs: readTimeMs(reader),
  };
}

/** Seconds and nanoseconds of a time in ms since 1970. */
export function splitTime(ms: number): { readonly seconds: bigint; readonly nanoseconds: number } {
  const seconds = Math.floor(ms / 1000);
  const nanoseconds = Math.min(999_999_999, Math.max(0, Math.round((ms - seconds * 1000) * 1e6)));
  return { seconds: BigInt(seconds), nanoseconds };
}
