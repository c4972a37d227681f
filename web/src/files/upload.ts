import type { FileEntry, KernelSession, SessionFiles } from "warmboot";
import { archiveOf } from "./archive.ts";
import type { Incoming } from "./incoming.ts";
import { freeName, joinPath, shownName } from "./paths.ts";
import type { Transfer } from "./transfers.ts";
import { count, explain, sizeText } from "./words.ts";

/** What to do about names that are taken. */
export type Resolution = "replace" | "keep-both" | "skip";

/** Files from this size on go by a stream of their own; smaller ones go together, as an archive. */
const BIG = 2 ** 20;
/** So few are not worth an archive. */
const FEW = 4;
const REMOVE_TRIES = 10;
const REMOVE_PAUSE_MS = 200;

export interface UploadPlan {
  readonly incoming: readonly Incoming[];
  readonly directory: string;
  /** The name that each thing gets, by the one it comes with. */
  readonly names: ReadonlyMap<string, string>;
}

const topOf = ({ parts }: Incoming): string => parts[0] ?? "";

/**
 * Decides under which names files come into a directory. `ask` is called with the names that are taken, and says `null` to give up.
 * Returns `null` then, and when nothing is left.
 */
export async function planUpload(
  { files }: KernelSession,
  incoming: readonly Incoming[],
  directory: string,
  ask: (taken: readonly string[]) => Promise<Resolution | null>,
): Promise<UploadPlan | null> {
  const present = new Set((await files.list(directory)).map(({ name }) => name));
  const tops = new Set(incoming.map(topOf));
  const taken = [...tops].filter((name) => present.has(name));
  const resolution = taken.length === 0 ? "replace" : await ask(taken);
  if (resolution === null) return null;
  const names = new Map<string, string>();
  for (const name of tops) {
    if (!present.has(name) || resolution === "replace") names.set(name, name);
    else if (resolution === "keep-both")
      names.set(
        name,
        freeName(name, (other) => present.has(other) || tops.has(other)),
      );
  }
  const wanted = incoming.filter((each) => names.has(topOf(each)));
  return wanted.length === 0 ? null : { incoming: wanted, directory, names };
}

/**
 * Brings files into the machine. All of them are first put into a hidden directory beside their place, and get their names when the
 * last byte has arrived: a cancelled upload leaves nothing.
 */
export async function upload({ files }: KernelSession, plan: UploadPlan, transfer: Transfer): Promise<string> {
  const { incoming, directory } = plan;
  const { signal } = transfer;
  const total = incoming.reduce((sum, { file }) => sum + file.size, 0);
  transfer.total.value = total;
  const { freeBytes } = await files.space(directory, { signal });
  if (total > freeBytes)
    throw new Error(
      `There is not enough room: the files have ${sizeText(total)}, and ${sizeText(freeBytes)} are free there. Delete something in the machine and try again.`,
    );
  const stage = joinPath(directory, `.warmboot-upload-${crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36)}`);
  await files.mkdir(stage, { signal });
  try {
    await fill(files, stage, incoming, transfer);
    transfer.note.value = "Putting them in their place…";
    for (const [from, to] of plan.names) {
      signal.throwIfAborted();
      await settle(files, joinPath(stage, from), joinPath(directory, to)).catch((error) => {
        throw new Error(
          `${shownName(to)} could not be put in its place. ${explain(error)} What came before it is there.`,
        );
      });
    }
  } finally {
    await removeStage(files, stage);
  }
  return `${count(incoming.length, "file")}, ${sizeText(total)}`;
}

async function fill(
  files: SessionFiles,
  stage: string,
  incoming: readonly Incoming[],
  transfer: Transfer,
): Promise<void> {
  const { signal } = transfer;
  const isAlone = ({ file }: Incoming) => incoming.length <= FEW || file.size >= BIG;
  const together = incoming.filter((each) => !isAlone(each));
  if (together.length > 0)
    await files.unpackTar(archiveOf(together).pipeThrough(transfer.counter()), stage, { signal });
  for (const { file, parts } of incoming.filter(isAlone)) {
    const path = joinPath(stage, parts.join("/"));
    if (parts.length > 1) await files.mkdir(joinPath(stage, parts.slice(0, -1).join("/")), { recursive: true, signal });
    await files.write(path, file.stream().pipeThrough(transfer.counter()), { signal });
    await files.utimes(path, Date.now(), file.lastModified, { signal });
  }
}

/** Gives what has arrived its name. What is replaced hands on its mode and owner; of a directory, what else is in it stays. */
async function settle(files: SessionFiles, from: string, to: string): Promise<void> {
  const staged = await files.lstat(from);
  const isMerge = staged.type === "directory" && (await files.exists(to));
  if (!isMerge) return replace(files, from, to);
  const entries: FileEntry[] = await files.list(from, { recursive: true });
  for (const { path, type } of entries) {
    const target = to + path.slice(from.length);
    if (type === "directory") await files.mkdir(target, { recursive: true });
    else await replace(files, path, target);
  }
}

async function replace(files: SessionFiles, from: string, to: string): Promise<void> {
  const before = await files.lstat(to).catch(() => null);
  if (before?.type === "file") {
    await files.chown(from, before.uid, before.gid);
    await files.chmod(from, before.mode);
  }
  await files.rename(from, to);
}

/** WHY more than once: the tar of a cancelled upload may still be writing while it is being killed. */
async function removeStage(files: SessionFiles, stage: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await files.remove(stage, { recursive: true, force: true });
    } catch (error) {
      if (attempt === REMOVE_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, REMOVE_PAUSE_MS));
    }
  }
}
