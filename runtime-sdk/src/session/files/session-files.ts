import { FileError, InvalidOptionError } from "../../errors/index.ts";
import { FILE_OP, FILE_OPEN, FILE_TREE, type FileClient, type FileStat, type FileTask } from "../../guest/index.ts";
import { checkInteger } from "../options.ts";
import { checkCall, checkMode, checkPath, type FileOptions, limited } from "./call.ts";
import { FileServers, type StartProcess } from "./file-servers.ts";
import { fileReadable, fileWritable, withFile, writeFlags } from "./file-streams.ts";
import {
  type FileEntry,
  type FileSystemSpace,
  type ListOptions,
  type MakeDirectoryOptions,
  ownerName,
  type ReadableOptions,
  type ReadOptions,
  type RemoveOptions,
  timeOf,
  type WatchOptions,
  type WritableOptions,
  type WriteOptions,
} from "./options.ts";
import { packTar, unpackTar } from "./tar.ts";
import { join, PieceWriter, readPieces, writeAll } from "./transfer.ts";
import { FileWatch } from "./watch.ts";

const DEFAULT_MAX_BYTES = 2 ** 30;
const EFBIG = 27;
const READ = { flags: FILE_OPEN.READ, mode: 0 };

/**
 * The files of the machine. Paths are absolute or relative to the user's home. Every call can throw InvalidOptionError, FileError (with
 * the guest's `errno`), SpawnError (unknown user), AbortedError, TimedOutError, and what ended the machine.
 */
export class SessionFiles {
  readonly #start: StartProcess;
  readonly #servers: FileServers;

  /** @internal */
  constructor(start: StartProcess) {
    this.#start = start;
    this.#servers = new FileServers(start);
  }

  /** The whole content of a file. */
  async read(path: string, options: ReadOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    checkCall(path, options, ["maxBytes"]);
    const { maxBytes = DEFAULT_MAX_BYTES } = options;
    checkInteger(maxBytes, "maxBytes", 0, Number.MAX_SAFE_INTEGER);
    return this.#call("read", path, options, (client, task, gone) =>
      withFile(client, task, READ, async (file) => {
        const pieces: Uint8Array[] = [];
        let size = 0;
        for await (const piece of readPieces(client, task, file, { offset: 0, length: undefined })) {
          gone.throwIfAborted();
          pieces.push(piece);
          size += piece.length;
          if (size > maxBytes) throw new FileError("read", path, EFBIG, "EFBIG", `it has more than ${maxBytes} bytes`);
        }
        return join(pieces, size);
      }),
    );
  }

  /** The whole content of a file as UTF-8 text; bytes that are not UTF-8 become U+FFFD. */
  async readText(path: string, options: ReadOptions = {}): Promise<string> {
    return new TextDecoder().decode(await this.read(path, options));
  }

  /** Makes `data` the content of a file, which is created when it is not there. A failure half-way leaves a part of it. */
  write(
    path: string,
    data: string | Uint8Array | ReadableStream<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<void> {
    return this.#put("write", path, data, options);
  }

  /** Adds `data` at the end of a file, which is created when it is not there. */
  append(
    path: string,
    data: string | Uint8Array | ReadableStream<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<void> {
    return this.#put("append", path, data, options);
  }

  /** A stream of a file's bytes, opened when the call resolves. Cancel it when it is not wanted any more. */
  async readable(path: string, options: ReadableOptions = {}): Promise<ReadableStream<Uint8Array>> {
    checkCall(path, options, ["offset", "length"]);
    const { offset = 0, length, signal } = options;
    checkInteger(offset, "offset", 0, Number.MAX_SAFE_INTEGER);
    checkInteger(length, "length", 0, Number.MAX_SAFE_INTEGER);
    return this.#call("read", path, options, async (client, task, gone) => {
      const file = await client.open(task, READ.flags, READ.mode);
      if (gone.aborted) await client.close(task, file.handle);
      gone.throwIfAborted();
      return fileReadable(client, task, file, { offset, length }, signal);
    });
  }

  /** A stream that replaces or continues a file's content, opened when the call resolves. Closing it waits until all is written. */
  async writable(path: string, options: WritableOptions = {}): Promise<WritableStream<Uint8Array>> {
    checkCall(path, options, ["append", "mode"]);
    checkMode(options.mode);
    const { flags, mode } = writeFlags(options.append ?? false, options.mode);
    return this.#call("write", path, options, async (client, task, gone) => {
      const file = await client.open(task, flags, mode);
      if (gone.aborted) await client.close(task, file.handle);
      gone.throwIfAborted();
      return fileWritable(client, task, file, options.signal);
    });
  }

  /** What is in a directory, in the order of the paths. Symbolic links are entries of their own and are not followed. */
  async list(path: string, options: ListOptions = {}): Promise<FileEntry[]> {
    checkCall(path, options, ["recursive"]);
    const flags = options.recursive ? FILE_TREE.RECURSIVE : 0;
    const files = await this.#call("list", path, options, (client, task) => client.list(task, flags));
    const base = path.endsWith("/") ? path : `${path}/`;
    return files
      .map(({ path: below, stat }) => ({
        ...stat,
        path: base + below,
        name: below.slice(below.lastIndexOf("/") + 1),
      }))
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** What a path leads to. */
  async stat(path: string, options: FileOptions = {}): Promise<FileStat> {
    checkCall(path, options);
    return this.#call("stat", path, options, (client, task) => client.stat(task, FILE_OP.STAT));
  }

  /** As `stat`, but of a symbolic link itself. */
  async lstat(path: string, options: FileOptions = {}): Promise<FileStat> {
    checkCall(path, options);
    return this.#call("lstat", path, options, (client, task) => client.stat(task, FILE_OP.LSTAT));
  }

  /** Whether a path leads to something; false for a symbolic link to nothing. */
  async exists(path: string, options: FileOptions = {}): Promise<boolean> {
    try {
      await this.stat(path, options);
      return true;
    } catch (error) {
      if (error instanceof FileError && ["ENOENT", "ENOTDIR"].includes(error.errnoName)) return false;
      throw error;
    }
  }

  /** Makes a directory. */
  async mkdir(path: string, options: MakeDirectoryOptions = {}): Promise<void> {
    checkCall(path, options, ["recursive", "mode"]);
    checkMode(options.mode);
    const flags = options.recursive ? FILE_TREE.RECURSIVE : 0;
    const fields = [{ u32: flags }, { u32: options.mode ?? 0o755 }, { path }];
    await this.#send("mkdir", FILE_OP.MKDIR, path, options, fields);
  }

  /** Removes a file, a symbolic link or an empty directory; with `recursive` a directory and all in it, but never the root directory. */
  async remove(path: string, options: RemoveOptions = {}): Promise<void> {
    checkCall(path, options, ["recursive", "force"]);
    const fields = [{ u32: options.recursive ? FILE_TREE.RECURSIVE : 0 }, { path }];
    try {
      await this.#send("remove", FILE_OP.REMOVE, path, options, fields);
    } catch (error) {
      if (!(options.force && error instanceof FileError && error.errnoName === "ENOENT")) throw error;
    }
  }

  /** Gives a file or directory another path on the same file system, in one step; a file that is there is replaced. */
  async rename(from: string, to: string, options: FileOptions = {}): Promise<void> {
    checkCall(from, options);
    checkPath(to, "to");
    await this.#send("rename", FILE_OP.RENAME, from, options, [{ path: from }, { path: to }]);
  }

  /** Sets the permission bits, 0 to 0o7777. */
  async chmod(path: string, mode: number, options: FileOptions = {}): Promise<void> {
    checkCall(path, options);
    if (mode === undefined) throw new InvalidOptionError("mode", "is missing");
    checkMode(mode);
    await this.#send("chmod", FILE_OP.CHMOD, path, options, [{ u32: mode }, { path }]);
  }

  /** Sets owner and group, by number or by name in the guest; `null` leaves one as it is. */
  async chown(
    path: string,
    user: string | number | null,
    group: string | number | null = null,
    options: FileOptions = {},
  ): Promise<void> {
    checkCall(path, options);
    const fields = [{ path }, { path: ownerName(user, "owner") }, { path: ownerName(group, "group") }];
    await this.#send("chown", FILE_OP.CHOWN, path, options, fields);
  }

  /** Makes a symbolic link at `path` that leads to `target`, which need not be there. */
  async symlink(target: string, path: string, options: FileOptions = {}): Promise<void> {
    checkCall(path, options);
    checkPath(target, "target");
    await this.#send("symlink", FILE_OP.SYMLINK, path, options, [{ path: target }, { path }]);
  }

  /** Where a symbolic link leads, as it was written. */
  async readlink(path: string, options: FileOptions = {}): Promise<string> {
    checkCall(path, options);
    return this.#call("readlink", path, options, (client, task) => client.pathOf(task, FILE_OP.READLINK));
  }

  /** The absolute path without symbolic links. */
  async realpath(path: string, options: FileOptions = {}): Promise<string> {
    checkCall(path, options);
    return this.#call("realpath", path, options, (client, task) => client.pathOf(task, FILE_OP.REALPATH));
  }

  /** Sets the times of the last reading and the last change, in ms since 1970 or as Date. */
  async utimes(path: string, atime: number | Date, mtime: number | Date, options: FileOptions = {}): Promise<void> {
    checkCall(path, options);
    const fields = [timeOf(atime, "atime"), timeOf(mtime, "mtime")].flatMap(({ seconds, nanoseconds }) => [
      { u64: seconds },
      { u32: nanoseconds },
    ]);
    await this.#send("utimes", FILE_OP.UTIMES, path, options, [...fields, { path }]);
  }

  /** Cuts a file to `size` bytes, or fills it up with zeros to that. */
  async truncate(path: string, size: number, options: FileOptions = {}): Promise<void> {
    checkCall(path, options);
    if (size === undefined) throw new InvalidOptionError("size", "is missing");
    checkInteger(size, "size", 0, Number.MAX_SAFE_INTEGER);
    await this.#send("truncate", FILE_OP.TRUNCATE, path, options, [{ u64: BigInt(size) }, { path }]);
  }

  /** Size of the file system that holds a path, and what is free of it. */
  async space(path: string, options: FileOptions = {}): Promise<FileSystemSpace> {
    checkCall(path, options);
    return this.#call("space", path, options, (client, task) => client.statvfs(task));
  }

  /**
   * What happens to a file or in a directory, from the moment the call resolves. Iterate over it; leaving the loop ends the watching.
   * @example for await (const event of await session.files.watch("/root")) console.log(event);
   */
  async watch(path: string, options: WatchOptions = {}): Promise<FileWatch> {
    checkCall(path, options, ["recursive"]);
    return limited("the watching", options, (gone) => FileWatch.start(this.#start, path, options, gone));
  }

  /**
   * A tar archive of what is in a directory, with owners and modes. The stream fails with TarError when tar does; `timeoutMs` is the time
   * until it begins.
   */
  async packTar(path: string, options: FileOptions = {}): Promise<ReadableStream<Uint8Array>> {
    checkCall(path, options);
    return limited("the packing", options, (gone) => packTar(this.#start, path, options, gone));
  }

  /**
   * Unpacks a tar archive into a directory, which is made when it is missing. Owners are kept when the user is root, modes always.
   * @throws TarError when tar fails.
   */
  async unpackTar(
    archive: Uint8Array | ReadableStream<Uint8Array>,
    path: string,
    options: FileOptions = {},
  ): Promise<void> {
    checkCall(path, options);
    await limited("the unpacking", options, async (gone) => {
      const client = await this.#servers.client(options.user);
      const fields = [{ u32: FILE_TREE.RECURSIVE }, { u32: 0o755 }, { path }];
      await client.request(FILE_OP.MKDIR, { operation: "unpackTar", path }, fields);
      await unpackTar(this.#start, archive, path, options, gone);
    });
  }

  async #put(
    operation: "write" | "append",
    path: string,
    data: string | Uint8Array | ReadableStream<Uint8Array>,
    options: WriteOptions,
  ): Promise<void> {
    checkCall(path, options, ["mode"]);
    checkMode(options.mode);
    const how = writeFlags(operation === "append", options.mode);
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    if (!(bytes instanceof Uint8Array || bytes instanceof ReadableStream))
      throw new InvalidOptionError("data", "must be a string, a Uint8Array or a ReadableStream");
    await this.#call(operation, path, options, (client, task, gone) =>
      withFile(client, task, how, async ({ handle }) => {
        await writeAll(new PieceWriter(client, task, handle), bytes, gone);
      }),
    );
  }

  async #send(
    operation: string,
    op: number,
    path: string,
    options: FileOptions,
    fields: Parameters<FileClient["request"]>[2],
  ): Promise<void> {
    await this.#call(operation, path, options, (client, task) => client.request(op, task, fields));
  }

  async #call<T>(
    operation: string,
    path: string,
    options: FileOptions,
    work: (client: FileClient, task: FileTask, gone: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return limited(`${operation} of ${JSON.stringify(path)}`, options, async (gone) => {
      const client = await this.#servers.client(options.user);
      gone.throwIfAborted();
      return work(client, { operation, path }, gone);
    });
  }
}
