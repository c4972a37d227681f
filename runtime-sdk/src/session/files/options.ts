import { InvalidOptionError } from "../../errors/index.ts";
import { type FileStat, splitTime } from "../../guest/index.ts";
import { checkInteger, checkText } from "../options.ts";
import type { FileOptions } from "./call.ts";

/** Options of `files.read` and `files.readText`. */
export interface ReadOptions extends FileOptions {
  /** A longer file is refused with EFBIG; use `readable` for it. @default 1073741824 */
  readonly maxBytes?: number;
}

/** Options of `files.readable`. */
export interface ReadableOptions extends FileOptions {
  /** Where to begin, in bytes. @default 0 */
  readonly offset?: number;
  /** How many bytes at most. @default to the file's end */
  readonly length?: number;
}

/** Options of `files.write` and `files.append`. */
export interface WriteOptions extends FileOptions {
  /** Permission bits of the file, also when it was there before. @default 0o644 for a new file, unchanged for one that is there */
  readonly mode?: number;
}

/** Options of `files.writable`. */
export interface WritableOptions extends WriteOptions {
  /** Write at the file's end instead of replacing what is in it. @default false */
  readonly append?: boolean;
}

/** Options of `files.list`. */
export interface ListOptions extends FileOptions {
  /** Also what is in the directories below, to a depth of 512. @default false */
  readonly recursive?: boolean;
}

/** Options of `files.mkdir`. */
export interface MakeDirectoryOptions extends FileOptions {
  /** Also make the directories above that are missing, and be content when it is there. @default false */
  readonly recursive?: boolean;
  /** Permission bits of a new directory; those above get 0o755. @default 0o755 */
  readonly mode?: number;
}

/** Options of `files.remove`. */
export interface RemoveOptions extends FileOptions {
  /** Also a directory that is not empty, with all in it. Symbolic links in it are removed, not followed. @default false */
  readonly recursive?: boolean;
  /** Be content when there is nothing. @default false */
  readonly force?: boolean;
}

/** Options of `files.watch`. */
export interface WatchOptions extends Omit<FileOptions, "signal"> {
  /** Also in the directories below, and in new ones. @default false */
  readonly recursive?: boolean;
  /** Before the watching has begun: rejects with AbortedError. After that: ends it, as leaving the loop does. */
  readonly signal?: AbortSignal;
}

/** Room on a file system. */
export interface FileSystemSpace {
  /** Its size. */
  readonly totalBytes: number;
  /** What is free of it. */
  readonly freeBytes: number;
}

/** An entry of a directory. */
export interface FileEntry extends FileStat {
  /** The last part of its path. */
  readonly name: string;
  /** The path that was listed, and what leads to it from there. */
  readonly path: string;
}

/** A user or group as the file server takes it: text, empty for "leave it". */
export function ownerName(owner: string | number | null, option: string): string {
  if (owner === null) return "";
  if (typeof owner === "string") {
    if (owner === "") throw new InvalidOptionError(option, "must not be empty");
    checkText(owner, option);
    return owner;
  }
  if (owner === undefined) throw new InvalidOptionError(option, "is missing");
  checkInteger(owner, option, 0, 2 ** 32 - 2);
  return String(owner);
}

/** What ext4 can hold: 1901 to 2446. */
const EARLIEST_MS = -(2 ** 31) * 1000;
const LATEST_MS = (2 ** 34 - 2 ** 31) * 1000;

export function timeOf(time: number | Date, option: string): ReturnType<typeof splitTime> {
  const ms = time instanceof Date ? time.getTime() : time;
  if (typeof ms !== "number" || !(ms >= EARLIEST_MS && ms < LATEST_MS))
    throw new InvalidOptionError(option, "must be a Date or ms since 1970, from 1901 to 2446");
  return splitTime(ms);
}
