export type { FileOptions } from "./call.ts";
export { AGENT, type StartProcess } from "./file-servers.ts";
export type {
  FileEntry,
  FileSystemSpace,
  ListOptions,
  MakeDirectoryOptions,
  ReadableOptions,
  ReadOptions,
  RemoveOptions,
  WatchOptions,
  WritableOptions,
  WriteOptions,
} from "./options.ts";
export { SessionFiles } from "./session-files.ts";
export { FileWatch } from "./watch.ts";
