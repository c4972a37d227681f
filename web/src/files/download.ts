import { type FileStat, type KernelSession, TarError } from "warmboot";
import { downloadFile } from "../ui/download.ts";
import { baseName, joinPath, nameToSave, parentOf } from "./paths.ts";
import type { Transfer } from "./transfers.ts";
import { sizeText } from "./words.ts";

/** From this size on a file goes to the disk as it comes, where the browser can: a smaller one waits in memory and is saved as a whole. */
const BIG = 32 * 2 ** 20;
/** Exit code of tar when a file changed while it was read: the archive is whole. */
const TAR_DIFFERS = 1;

/** Something of the machine as a stream of bytes. */
export interface Outgoing {
  /** The name that it is saved under. */
  readonly name: string;
  /** `null`: not known. */
  readonly size: number | null;
  open(signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

/** A regular file as it is. */
function fileOf({ files }: KernelSession, path: string, { size }: Pick<FileStat, "size">): Outgoing {
  return { name: nameToSave(baseName(path)), size, open: (signal) => files.readable(path, { signal }) };
}

/** Things of one directory as a `.tar.gz`. */
export function archiveFrom(session: KernelSession, directory: string, names: readonly string[]): Outgoing {
  const [only = ""] = names;
  const stem = names.length === 1 && only !== "." ? only : directory === "/" ? "machine" : baseName(directory);
  return {
    name: `${nameToSave(stem)}.tar.gz`,
    size: null,
    open: async (signal) => (await packed(session, directory, names, signal)).pipeThrough(gzip()),
  };
}

/** What a path leads to, in the form that it is downloaded in. */
export async function outgoingOf(session: KernelSession, path: string): Promise<Outgoing> {
  const stat = await session.files.stat(path);
  if (stat.type === "file") return fileOf(session, path, stat);
  if (stat.type !== "directory") throw new Error(`${path} is neither a file nor a directory: it cannot be downloaded.`);
  // Of a link to a directory the directory: tar would take the link.
  const real = await session.files.realpath(path);
  return real === "/" ? archiveFrom(session, "/", ["."]) : archiveFrom(session, parentOf(real), [baseName(real)]);
}

/** Has the browser save it. */
export async function download(outgoing: Outgoing, transfer: Transfer): Promise<string> {
  const { name, size } = outgoing;
  const { signal } = transfer;
  // The files of /proc say 0, and have something in them.
  transfer.total.value = size || null;
  // WHY first: the browser asks only soon after a key or a click.
  const handle = size !== null && size >= BIG ? await askWhere(name) : null;
  const stream = (await outgoing.open(signal)).pipeThrough(transfer.counter());
  if (handle) await stream.pipeTo(await handle.createWritable(), { signal });
  else downloadFile(name, await blobOf(stream, signal));
  return `${name}, ${sizeText(transfer.bytes.value)}`;
}

/** Where the browser lets a page write a file piece by piece, the place that the person chose; else `null`. */
async function askWhere(name: string): Promise<FileSystemFileHandle | null> {
  const { showSaveFilePicker } = window as unknown as {
    showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  };
  if (!showSaveFilePicker) return null;
  try {
    return await showSaveFilePicker.call(window, { suggestedName: name });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    // Not now, or not in this frame: the usual way is left.
    return null;
  }
}

async function blobOf(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<Blob> {
  // WHY a type: without one the browser guesses it, and adds an ending to the name.
  const headers = { "Content-Type": "application/octet-stream" };
  const blob = await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>, { headers }).blob();
  signal.throwIfAborted();
  return blob;
}

const gzip = () => new CompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>;

/** What the guest's tar makes of things of a directory. WHY not gzip there: an emulated processor is slow at it. */
async function packed(
  session: KernelSession,
  directory: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const unreadable = [directory, ...names].find((text) => /\p{Surrogate}/u.test(text));
  if (unreadable !== undefined)
    throw new Error("A name in it is not UTF-8. Rename it, or download the files in it one by one.");
  // ENOENT and ENOTDIR before tar says so in its own words.
  for (const name of names) await session.files.lstat(joinPath(directory, name), { signal });
  const argv = [
    "tar",
    "--create",
    "--file=-",
    ...(directory === "/" ? ["--one-file-system"] : []),
    `--directory=${directory}`,
    "--",
    ...names,
  ];
  const tar = await session.spawn(argv, { signal, windowBytes: 2 ** 20 });
  void tar.stdin.close().catch(() => {});
  const said = new Response(tar.stderr as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  said.catch(() => {});
  const end = new TransformStream<Uint8Array, Uint8Array>({
    async flush() {
      const { exitCode } = await tar.exit;
      signal.throwIfAborted();
      if (exitCode !== 0 && exitCode !== TAR_DIFFERS) throw new TarError("pack", directory, exitCode, await said);
    },
  });
  return tar.stdout.pipeThrough(end, { signal });
}
