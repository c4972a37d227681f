/** The one contract between the session and the worker that runs the machine. */
import type { SerializedError } from "../errors/index.ts";

/** What a boot is doing now. */
export type BootStage =
  /** Fetching the emulator, the kernel and the start of the disk. */
  | "download"
  /** Compiling the emulator and setting up the machine. */
  | "start"
  /** The kernel runs. */
  | "kernel"
  /** The agent in the guest has announced itself. */
  | "agent"
  /** The machine answers. */
  | "ready";

export interface BootProgress {
  readonly stage: BootStage;
  /** Bytes fetched so far. */
  readonly loadedBytes: number;
  /** Bytes to fetch before the machine starts, `null` until the manifest is here. */
  readonly totalBytes: number | null;
}

export interface StartMessage {
  readonly type: "start";
  /** Absolute address of image.json. */
  readonly manifestUrl: string;
  /** Absolute address of v86.wasm. */
  readonly wasmUrl: string;
  /** MiB; `null`: what the image says. */
  readonly memoryMb: number | null;
  /** Appended to the image's kernel command line. */
  readonly kernelArgs: string;
  /** Report each chunk of the disk at its first read. */
  readonly traceChunks: boolean;
}

/** Session to worker. */
export type ToWorker =
  | StartMessage
  | { readonly type: "link"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "ping"; readonly beat: number };

/** Numbers of a running machine. */
export interface MachineFigures {
  /** Instructions since the boot, modulo 2^32. */
  readonly instructions: number;
  /** Blocks of 4 KiB that the machine has written to its disk. */
  readonly ownBlocks: number;
}

/** Worker to session. */
export type FromWorker =
  | { readonly type: "progress"; readonly progress: BootProgress }
  | { readonly type: "booting"; readonly memoryMb: number; readonly imageId: string; readonly imageName: string }
  | { readonly type: "console"; readonly text: string }
  | { readonly type: "link"; readonly bytes: Uint8Array }
  | { readonly type: "pong"; readonly beat: number; readonly figures: MachineFigures }
  /** A chunk of the disk was asked for the first time. */
  | { readonly type: "chunk"; readonly index: number }
  /** The disk could not give bytes; the guest got an I/O error. */
  | { readonly type: "disk-error"; readonly error: SerializedError }
  /** The machine cannot go on, or could not start. */
  | { readonly type: "failed"; readonly error: SerializedError };
