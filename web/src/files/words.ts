import { FileError, type FileStat, type FileType, TarError, WarmbootError } from "warmboot";
import { formatBytes } from "../ui/bytes.ts";

const KINDS: Readonly<Record<FileType, string>> = {
  file: "file",
  directory: "directory",
  symlink: "link",
  fifo: "FIFO",
  socket: "socket",
  "character-device": "character device",
  "block-device": "block device",
  unknown: "thing of unknown kind",
};

const LETTERS: Readonly<Record<FileType, string>> = {
  file: "-",
  directory: "d",
  symlink: "l",
  fifo: "p",
  socket: "s",
  "character-device": "c",
  "block-device": "b",
  unknown: "?",
};

/** Why something on the guest's files went wrong, in the words of who wanted it. */
const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "There is no room left on the machine's disk. Delete something there and try again.",
  EDQUOT: "There is no room left on the machine's disk. Delete something there and try again.",
  ENOENT: "It is not there.",
  EEXIST: "Something of that name is there already.",
  ENOTDIR: "It is not a directory.",
  EISDIR: "A directory of that name is there.",
  ENOTEMPTY: "A directory of that name is there, with something in it.",
  EACCES: "The machine does not permit it.",
  EPERM: "The machine does not permit it.",
  EROFS: "That file system of the machine is read-only.",
  EXDEV: "It would have to cross from one file system of the machine to another.",
};

export const kindOf = ({ type }: Pick<FileStat, "type">): string => KINDS[type] ?? KINDS.unknown;

/** As `ls -l` writes it: "-rwsr-xr-x". */
export function modeText({ type, mode }: Pick<FileStat, "type" | "mode">): string {
  const special = [mode & 0o4000 ? "s" : "", mode & 0o2000 ? "s" : "", mode & 0o1000 ? "t" : ""];
  const triples = [6, 3, 0].map((shift, at) => {
    const bits = (mode >> shift) & 7;
    const last = special[at] ? (bits & 1 ? special[at] : special[at]?.toUpperCase()) : bits & 1 ? "x" : "-";
    return `${bits & 4 ? "r" : "-"}${bits & 2 ? "w" : "-"}${last}`;
  });
  return LETTERS[type] + triples.join("");
}

/** A size as a person reads it, to the byte below a kilobyte. */
export function sizeText(bytes: number): string {
  return bytes < 1000 ? `${bytes} B` : formatBytes(bytes);
}

const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const DATE = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric" });

/** A time as short as it can be understood. */
export function timeText(ms: number, now = new Date()): string {
  const date = new Date(ms);
  if (date.toDateString() === now.toDateString()) return TIME.format(date);
  return (date.getFullYear() === now.getFullYear() ? DAY : DATE).format(date);
}

/** "1 file", "3 files". */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString()} ${n === 1 ? one : many}`;

/** Why it failed, and what to do. */
export function explain(error: unknown): string {
  if (error instanceof FileError) return REASONS[error.errnoName] ?? `${error.message}.`;
  if (error instanceof TarError && /No space left/.test(error.stderr)) return REASONS["ENOSPC"] ?? error.message;
  if (error instanceof WarmbootError) return `${error.message}. ${error.hint}`;
  if (error instanceof DOMException && error.name === "NotFoundError")
    return "The browser cannot read it any more: it was moved or deleted.";
  if (error instanceof DOMException && error.name === "NotReadableError")
    return "The browser may not read it, or it has changed.";
  return error instanceof Error ? error.message : String(error);
}
