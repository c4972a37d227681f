export type { BlockDevice } from "./block-device.ts";
export { Emulator, type EmulatorOptions } from "./emulator.ts";
export { KernelLog } from "./kernel-log.ts";
export type {
  BootProgress,
  BootStage,
  DiskBlocks,
  FileReference,
  FromWorker,
  ImageReference,
  MachineFigures,
  StartMessage,
  ToWorker,
} from "./worker-messages.ts";
