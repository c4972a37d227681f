import type { FileStat, KernelSession } from "warmboot";
import { baseName, joinPath, parentOf, shownName } from "./paths.ts";
import { kindOf, sizeText } from "./words.ts";

/** More than a person edits in a field. */
const MOST_BYTES = 2 ** 20;

/** A text of the guest that can be edited. */
export interface TextFile {
  /** Without symbolic links: the file itself is replaced, and not a link to it. */
  readonly path: string;
  /** With line feeds alone, as a field of a page has them. */
  readonly text: string;
  readonly lineEnd: "\n" | "\r\n";
  /** As it was when it was read. */
  readonly stat: FileStat;
}

/** Reads a file to be edited. @throws Error that says why it cannot be: no file, too large, not text. */
export async function readTextFile({ files }: KernelSession, typed: string): Promise<TextFile> {
  const path = await files.realpath(typed);
  const stat = await files.stat(path);
  const name = shownName(baseName(path));
  if (stat.type !== "file") throw new Error(`${name} is a ${kindOf(stat)}: there is no text to edit.`);
  if (stat.size > MOST_BYTES)
    throw new Error(
      `${name} has ${sizeText(stat.size)}; texts up to ${sizeText(MOST_BYTES)} can be edited here. vim and nano take larger ones.`,
    );
  const bytes = await files.read(path, { maxBytes: MOST_BYTES });
  const text = decode(bytes, name);
  const lineEnd = text.includes("\r") ? "\r\n" : "\n";
  // WHY: the browser's field makes one kind of line ends of all, and saving would change lines that nobody touched.
  if (lineEnd === "\r\n" && /\r(?!\n)|(?<!\r)\n/.test(text))
    throw new Error(`${name} has line ends of different kinds, which would be changed here. Use vim or nano.`);
  return { path, text: text.replaceAll("\r\n", "\n"), lineEnd, stat };
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // It is said below.
  }
  throw new Error(`${name} is not UTF-8 text: it can be downloaded, but not edited here.`);
}

/** Whether it is another than it was: changed, replaced or gone. */
export async function hasChanged({ files }: KernelSession, { path, stat }: TextFile): Promise<boolean> {
  const now = await files.stat(path).catch(() => null);
  return now?.mtimeMs !== stat.mtimeMs || now.inode !== stat.inode || now.size !== stat.size;
}

/** Puts a text in the place of a file's, in one step, with the mode and owner that the file has now. Returns it as it is then. */
export async function saveTextFile({ files }: KernelSession, file: TextFile, text: string): Promise<TextFile> {
  const { path, lineEnd } = file;
  const now = await files.stat(path).catch(() => file.stat);
  const bytes = lineEnd === "\n" ? text : text.replaceAll("\n", lineEnd);
  if (now.links > 1) {
    // A file of several names stays one.
    await files.write(path, bytes);
    return { path, text, lineEnd, stat: await files.stat(path) };
  }
  const part = joinPath(parentOf(path), `.warmboot-edit-${Date.now().toString(36)}`);
  try {
    await files.write(part, bytes, { mode: 0o600 });
    await files.chown(part, now.uid, now.gid);
    await files.chmod(part, now.mode);
    await files.rename(part, path);
  } catch (error) {
    await files.remove(part, { force: true }).catch(() => {});
    throw error;
  }
  return { path, text, lineEnd, stat: await files.stat(path) };
}
