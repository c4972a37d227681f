// The public API, as both entries export it.
export type { ExitStatus, FileStat, FileType, FileWatchEvent, PortEvent, SignalName } from "../guest/index.ts";
export type { BootProgress, BootStage, MachineFigures } from "../machine/index.ts";
export type { SessionEvents, SessionState } from "./events.ts";
export { ExecResult } from "./exec.ts";
export {
  type FileEntry,
  type FileOptions,
  type FileSystemSpace,
  FileWatch,
  type ListOptions,
  type MakeDirectoryOptions,
  type ReadableOptions,
  type ReadOptions,
  type RemoveOptions,
  SessionFiles,
  type WatchOptions,
  type WritableOptions,
  type WriteOptions,
} from "./files/index.ts";
export { GuestProcess } from "./guest-process.ts";
export type { FileSource, OwnImage } from "./image.ts";
export type { MachineInfo } from "./machine-info.ts";
export { MachineSession } from "./machine-session.ts";
export type {
  BlockedConnection,
  CaptureOptions,
  ConnectOptions,
  FetchInit,
  GuestResponse,
  GuestSocket,
  NetworkConnection,
  NetworkOptions,
  NetworkStatus,
  RelayOptions,
  SessionNetwork,
  TryRelayOptions,
  UpgradedConnection,
} from "./network/index.ts";
export type { Opened } from "./opening.ts";
export type {
  AutosaveOptions,
  BootOptions,
  ExecOptions,
  ForkOptions,
  ProcessOptions,
  RebootOptions,
  SaveOptions,
  SpawnOptions,
  TerminalOptions,
  TerminalSize,
} from "./options.ts";
export type { SaveResult } from "./saver.ts";
export { SessionSnapshots } from "./session-snapshots.ts";
export type { MachineStats } from "./stats.ts";
export type { AttachOptions, RestoredTerminal } from "./terminals.ts";
