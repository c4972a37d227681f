import { FileError, LinkBrokenError } from "../errors/index.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { errnoName } from "./errno.ts";
import { encodeFileRequest, type FileField, type FileReply, FileReplyDecoder } from "./file-codec.ts";
import { type FileStat, readStat } from "./file-stat.ts";
import { FILE_OP } from "./files-wire.gen.ts";
import { decodePath } from "./path-bytes.ts";
import { PayloadReader } from "./payload.ts";

/** What is done to which file; it stands in the error when that fails. */
export interface FileTask {
  readonly operation: string;
  readonly path: string;
}

interface Pending {
  readonly task: FileTask;
  readonly payloads: Uint8Array[];
  readonly done: Deferred<readonly Uint8Array[]>;
}

export interface OpenFile {
  readonly handle: number;
  readonly stat: FileStat;
}

/** An entry of a listing, its path relative to the directory that was listed. */
export interface ListedFile {
  readonly path: string;
  readonly stat: FileStat;
}

/** A file that could not be worked on, told by the guest. */
export function fileFailure({ operation, path }: FileTask, reply: Pick<FileReply, "errno" | "payload">): FileError {
  const detail = new TextDecoder().decode(reply.payload);
  return new FileError(operation, path, reply.errno, errnoName(reply.errno), detail);
}

/** Speaks with one file server; see docs/guest-files.md. Knows bytes only: how they travel is the caller's. */
export class FileClient {
  readonly #write: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly #decoder = new FileReplyDecoder((reply) => this.#take(reply));
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #failure: ((task: FileTask) => Error) | null = null;

  /** `write` takes whole requests, in order. */
  constructor(write: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#write = write;
  }

  /** Bytes from the server. @throws LinkBrokenError when they are no replies. */
  receive(bytes: Uint8Array): void {
    this.#decoder.push(bytes);
  }

  /** The server is gone: what is under way and what comes later rejects with what `because` makes. The first call counts. */
  fail(because: (task: FileTask) => Error): void {
    this.#failure ??= because;
    for (const { task, done } of this.#pending.values()) done.reject(because(task));
    this.#pending.clear();
  }

  /** Sends a request; gives the payloads of its replies. @throws FileError when the server says so. */
  request(op: number, task: FileTask, fields: readonly FileField[]): Promise<readonly Uint8Array[]> {
    if (this.#failure) return Promise.reject(this.#failure(task));
    const id = this.#nextId;
    // 0 is for what was not asked for.
    this.#nextId = (id % 0xffffffff) + 1;
    const message = encodeFileRequest(id, op, fields);
    const done = deferred<readonly Uint8Array[]>();
    this.#pending.set(id, { task, payloads: [], done });
    this.#write(message);
    return done.promise;
  }

  async open(task: FileTask, flags: number, mode: number): Promise<OpenFile> {
    const reader = await this.#one(FILE_OP.OPEN, task, [{ u32: flags }, { u32: mode }, { path: task.path }]);
    return { handle: reader.u32(), stat: readStat(reader) };
  }

  /** At most one piece; fewer bytes than asked for, or none, at the file's end. */
  async read(task: FileTask, handle: number, offset: number, size: number): Promise<Uint8Array> {
    const fields = [{ u32: handle }, { u64: BigInt(offset) }, { u32: size }];
    const [payload] = await this.request(FILE_OP.READ, task, fields);
    return payload as Uint8Array;
  }

  async write(task: FileTask, handle: number, offset: number, bytes: Uint8Array): Promise<void> {
    await this.request(FILE_OP.WRITE, task, [{ u32: handle }, { u64: BigInt(offset) }, { rest: bytes }]);
  }

  async close(task: FileTask, handle: number): Promise<void> {
    await this.request(FILE_OP.CLOSE, task, [{ u32: handle }]);
  }

  async stat(task: FileTask, op: typeof FILE_OP.STAT | typeof FILE_OP.LSTAT): Promise<FileStat> {
    return readStat(await this.#one(op, task, [{ path: task.path }]));
  }

  async list(task: FileTask, flags: number): Promise<ListedFile[]> {
    const payloads = await this.request(FILE_OP.LIST, task, [{ u32: flags }, { path: task.path }]);
    return payloads.flatMap((payload) => {
      const files: ListedFile[] = [];
      for (const reader = new PayloadReader(payload, "a listing"); reader.left > 0; ) {
        const stat = readStat(reader);
        files.push({ stat, path: decodePath(reader.string()) });
      }
      return files;
    });
  }

  /** For readlink and realpath. */
  async pathOf(task: FileTask, op: typeof FILE_OP.READLINK | typeof FILE_OP.REALPATH): Promise<string> {
    const [payload] = await this.request(op, task, [{ path: task.path }]);
    return decodePath(payload as Uint8Array);
  }

  /** Sizes of the file system that holds a path, in bytes. */
  async statvfs(task: FileTask): Promise<{ readonly totalBytes: number; readonly freeBytes: number }> {
    const reader = await this.#one(FILE_OP.STATVFS, task, [{ path: task.path }]);
    return { totalBytes: Number(reader.u64()), freeBytes: Number(reader.u64()) };
  }

  async #one(op: number, task: FileTask, fields: readonly FileField[]): Promise<PayloadReader> {
    const [payload] = await this.request(op, task, fields);
    return new PayloadReader(payload as Uint8Array, `the reply to ${task.operation}`);
  }

  #take(reply: FileReply): void {
    const pending = this.#pending.get(reply.id);
    if (!pending) throw new LinkBrokenError(`a file server answered what nobody asked (${reply.id})`);
    pending.payloads.push(reply.payload);
    if (reply.more) return;
    this.#pending.delete(reply.id);
    if (reply.errno === 0) pending.done.resolve(pending.payloads);
    else pending.done.reject(fileFailure(pending.task, reply));
  }
}
