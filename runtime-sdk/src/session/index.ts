// The public API, as both entries export it.
export type { ExitStatus, SignalName } from "../guest/index.ts";
export type { BootProgress, BootStage, MachineFigures } from "../machine/index.ts";
export type { SessionEvents, SessionState } from "./events.ts";
export { ExecResult } from "./exec.ts";
export { GuestProcess } from "./guest-process.ts";
export type { FileSource, OwnImage } from "./image.ts";
export { type MachineInfo, MachineSession } from "./machine-session.ts";
export type {
  BootOptions,
  ExecOptions,
  ProcessOptions,
  RebootOptions,
  SpawnOptions,
  TerminalOptions,
  TerminalSize,
} from "./options.ts";
