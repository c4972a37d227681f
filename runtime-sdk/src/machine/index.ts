export type { BlockDevice } from "./block-device.ts";
export { DEVICES, Emulator, type EmulatorOptions } from "./emulator.ts";
export { KernelLog } from "./kernel-log.ts";
export { type DeviceState, type GuestMemory, PAGE_SIZE, type RestoredState } from "./machine-state.ts";
export { V86_VERSION } from "./v86-contract.ts";
export type {
  BootProgress,
  BootStage,
  Capture,
  CaptureMessage,
  DiskBlocks,
  FileReference,
  FromWorker,
  ImageReference,
  MachineFigures,
  SavedState,
  StartMessage,
  ToWorker,
} from "./worker-messages.ts";
