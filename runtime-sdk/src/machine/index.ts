export type { BlockDevice } from "./block-device.ts";
export { type BootFiles, Emulator, type EmulatorOptions } from "./emulator.ts";
export { KernelLog } from "./kernel-log.ts";
export { type DeviceState, type GuestMemory, PAGE_SIZE, type RestoredState } from "./machine-state.ts";
export type { NetCard } from "./net-card.ts";
export type { NetworkSide } from "./network-side.ts";
export { DEVICES, V86_VERSION } from "./state-version.ts";
export type { Turns } from "./turns.ts";
export type {
  BootProgress,
  BootStage,
  Capture,
  CaptureMessage,
  DiskBlocks,
  EarlyMessage,
  EarlyWasmMessage,
  FileReference,
  FromWorker,
  ImageReference,
  MachineFigures,
  PrepareMessage,
  SavedState,
  StartMessage,
  ToWorker,
  WaitingShell,
} from "./worker-messages.ts";
