import { type FileTask, fileFailure } from "./file-client.ts";
import type { FileReply } from "./file-codec.ts";
import { FILE_EVENT, PORT_STATE } from "./files-wire.gen.ts";
import { decodePath } from "./path-bytes.ts";
import { PayloadReader } from "./payload.ts";

const WATCH_TYPES = {
  [FILE_EVENT.CREATED]: "created",
  [FILE_EVENT.MODIFIED]: "modified",
  [FILE_EVENT.WRITTEN]: "written",
  [FILE_EVENT.ATTRIBUTES]: "attributes",
  [FILE_EVENT.DELETED]: "deleted",
} as const;

/** Something that happened to a watched file or directory. Paths begin with the path that `watch` was given. */
export type FileWatchEvent =
  | {
      /**
       * `created`: it is there now. `modified`: its content changed. `written`: somebody who could write to it has closed it.
       * `attributes`: mode, owner, times or number of links changed. `deleted`: it is gone, or was moved out of what is watched.
       */
      readonly type: "created" | "modified" | "written" | "attributes" | "deleted";
      /** What it happened to. */
      readonly path: string;
      /** True when that is a directory. */
      readonly isDirectory: boolean;
    }
  | {
      /** It was moved from one watched place to another. */
      readonly type: "renamed";
      /** Where it is now. */
      readonly path: string;
      /** Where it was. */
      readonly from: string;
      /** True when it is a directory. */
      readonly isDirectory: boolean;
    }
  | {
      /** More happened than was read, and events are missing: look anew. */
      readonly type: "overflow";
    };

/** Reads a message of the watcher; `null`: it is watching. @throws FileError */
export function readWatchEvent(task: FileTask, reply: FileReply): FileWatchEvent | null {
  if (reply.errno !== 0) throw fileFailure(task, reply);
  const reader = new PayloadReader(reply.payload, "an event of a watched file");
  const kind = reader.u8();
  const isDirectory = reader.u8() !== 0;
  reader.u16();
  const path = decodePath(reader.string());
  const from = decodePath(reader.string());
  if (kind === FILE_EVENT.READY) return null;
  if (kind === FILE_EVENT.OVERFLOW) return { type: "overflow" };
  if (kind === FILE_EVENT.RENAMED) return { type: "renamed", path, from, isDirectory };
  return { type: WATCH_TYPES[kind as keyof typeof WATCH_TYPES], path, isDirectory };
}

/** A TCP port of the guest that began or ceased to be listened on. */
export interface PortEvent {
  /** TCP port, 1 to 65535. */
  readonly port: number;
  /** Address it is bound to, e.g. `"0.0.0.0"`, `"::"` or `"127.0.0.1"`. */
  readonly address: string;
  /** `closed`: nobody listens on it any more. */
  readonly state: "listening" | "closed";
  /** The process that listens or listened; `null` when it could not be found. */
  readonly pid: number | null;
  /** Its name, at most 15 bytes; `null` when it could not be found. */
  readonly process: string | null;
}

/** Reads a message of the port watcher; `null`: all that were open already have been told. */
export function readPortEvent(reply: FileReply): PortEvent | null {
  const reader = new PayloadReader(reply.payload, "an event of a port");
  const state = reader.u8();
  reader.u8();
  const port = reader.u16();
  const pid = reader.u32() || null;
  const address = decodePath(reader.string());
  const process = decodePath(reader.string()) || null;
  if (state === PORT_STATE.READY) return null;
  return { port, address, state: state === PORT_STATE.LISTENING ? "listening" : "closed", pid, process };
}
