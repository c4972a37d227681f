/** The one contract between the session and the worker that runs the machine. */
import type { StateRecord } from "../bytes/index.ts";
import type { SerializedError } from "../errors/index.ts";
import type { FromGateway, RelaySettings, ToGateway } from "../net/index.ts";

/** What a boot is doing now. */
export type BootStage =
  /** Fetching the emulator, the kernel and the start of the disk. */
  | "download"
  /** Compiling the emulator and setting up the machine. */
  | "start"
  /** The kernel runs. */
  | "kernel"
  /** A saved machine is put back, instead of `kernel`. */
  | "restore"
  /** The agent in the guest has announced itself. */
  | "agent"
  /** The machine answers. */
  | "ready";

/** How far a boot is. */
export interface BootProgress {
  /** What is being done. */
  readonly stage: BootStage;
  /** Bytes fetched so far. */
  readonly loadedBytes: number;
  /** Bytes to fetch before the machine starts, `null` until the manifest is here. */
  readonly totalBytes: number | null;
}

/** A file that a person brought: where it is, or what is in it. `name` names it in errors. */
export type FileReference = { readonly name: string } & (
  | { readonly url: string }
  | { readonly data: Blob | Uint8Array<ArrayBuffer> }
);

/** What to boot. */
export type ImageReference =
  | {
      readonly kind: "manifest";
      /** Absolute address of image.json. */
      readonly url: string;
    }
  | {
      readonly kind: "files";
      readonly bzImage: FileReference;
      readonly initrd: FileReference | null;
      readonly disk: FileReference | null;
      readonly bios: FileReference;
      readonly vgaBios: FileReference;
      readonly cmdline: string;
    };

/** Blocks of 4096 bytes that a machine has written to its disk: their numbers, and their bytes in the same order. */
export interface DiskBlocks {
  readonly numbers: Uint32Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a machine goes on from. */
export interface SavedState {
  /** `null`: it boots, from the disk alone. */
  readonly devices: StateRecord | null;
  /** Packs of the memory, oldest first. */
  readonly memory: readonly StateRecord[];
  /** Packs of the disk, oldest first. */
  readonly disk: readonly StateRecord[];
  /** Number of the first pack that the next commit makes. */
  readonly firstSerial: number;
}

/** What the thread made of the machine at one instant. */
export interface Capture {
  readonly devices: StateRecord;
  /** New packs. */
  readonly memory: readonly StateRecord[];
  readonly disk: readonly StateRecord[];
  /** Serials of all packs that make up the memory and the disk together, oldest first. */
  readonly memoryPacks: readonly number[];
  readonly diskPacks: readonly number[];
  /** How long the CPU stood still, in ms. */
  readonly pauseMs: number;
}

export interface StartMessage {
  readonly type: "start";
  readonly image: ImageReference;
  /** Absolute address of v86.wasm. */
  readonly wasmUrl: string;
  /** MiB; `null`: what the image says. */
  readonly memoryMb: number | null;
  /** Boot the kernel even if the image has a machine that has booted. */
  readonly coldBoot: boolean;
  /** Appended to the image's kernel command line. */
  readonly kernelArgs: string;
  /** MiB; `null`: as large as the image's. */
  readonly diskMb: number | null;
  /** What the machine wrote to its disk before it was started anew. */
  readonly blocks: DiskBlocks | null;
  /** A saved machine to go on from. */
  readonly state: SavedState | null;
  /** Refuse another image than this one; `null`: take any. */
  readonly imageId: string | null;
  /** Report each chunk of the disk at its first read. */
  readonly traceChunks: boolean;
  /** The way to the outside; `null`: there is none. */
  readonly relay: RelaySettings | null;
}

/** A machine like this will probably be started: what it takes can be got ready meanwhile. Never answered; may be left out. */
export interface PrepareMessage
  extends Pick<StartMessage, "image" | "wasmUrl" | "memoryMb" | "diskMb" | "traceChunks"> {
  readonly type: "prepare";
  /** It will probably go on from a state, and not boot. */
  readonly restores: boolean;
}

/** Answered with `captured` or `capture-failed`. */
export interface CaptureMessage {
  readonly type: "capture";
  readonly id: number;
  /** A copy of everything, not packed, instead of what changed since the last commit. */
  readonly whole: boolean;
  /** Longest wait for a moment at which the disk has nothing under way, in ms. */
  readonly timeoutMs: number;
}

/** A part of a file that the page has begun to fetch before this thread could. `failed`: the thread has to fetch it by itself. */
export interface EarlyMessage {
  readonly type: "early";
  readonly url: string;
  readonly part: "begin" | Uint8Array<ArrayBuffer> | "end" | "failed";
}

/** The emulator, which the page has begun to compile before this thread could. `failed`: the thread has to do it by itself. */
export interface EarlyWasmMessage {
  readonly type: "early-wasm";
  readonly url: string;
  readonly module: "begin" | WebAssembly.Module | "failed";
}

/** Session to worker. */
export type ToWorker =
  | EarlyMessage
  | EarlyWasmMessage
  | PrepareMessage
  | StartMessage
  | { readonly type: "link"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Bytes for the serial console. */
  | { readonly type: "console"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** Stops or goes on; answered with `paused`. */
  | { readonly type: "pause"; readonly paused: boolean }
  /** Stops for good and hands over what the machine wrote to its disk; answered with `disk`. */
  | { readonly type: "take-disk" }
  | CaptureMessage
  /** What was captured is stored, or could not be; `gone`: what was stored before is lost, too. */
  | { readonly type: "settle"; readonly stored: boolean | "gone" }
  | { readonly type: "network"; readonly message: ToGateway }
  | { readonly type: "ping"; readonly beat: number };

/** Numbers of a running machine. */
export interface MachineFigures {
  /** Instructions since the machine was switched on. */
  readonly instructions: number;
  /** Blocks of 4 KiB that the machine has written to its disk. */
  readonly ownBlocks: number;
  /** Time that its thread has spent in the emulated CPU since then, in ms: the more of a second, the less the guest rests. */
  readonly busyMs: number;
  /** When they were taken, in ms by a clock of that thread: for the time between two. */
  readonly takenAtMs: number;
}

/** A login shell of root that has printed its prompt. */
export interface WaitingShell {
  /** Variables that it was started with, over the defaults. */
  readonly env: Readonly<Record<string, string>>;
  readonly output: string;
}

/** Worker to session. */
export type FromWorker =
  | { readonly type: "progress"; readonly progress: BootProgress }
  | {
      readonly type: "booting";
      readonly memoryMb: number;
      /** Bytes of the disk, 0 for none. */
      readonly diskBytes: number;
      readonly imageId: string;
      readonly imageName: string;
      /** The shell that waits on a terminal of a machine that the image brought along. */
      readonly shell: WaitingShell | null;
    }
  /** The machine is restored and stands still until it is told to run by `pause`. */
  | { readonly type: "restored" }
  | { readonly type: "captured"; readonly id: number; readonly capture: Capture }
  | { readonly type: "capture-failed"; readonly id: number; readonly error: SerializedError }
  | { readonly type: "console"; readonly text: string }
  | { readonly type: "link"; readonly bytes: Uint8Array }
  | { readonly type: "network"; readonly message: FromGateway }
  | { readonly type: "paused"; readonly paused: boolean }
  | { readonly type: "disk"; readonly blocks: DiskBlocks }
  /** The guest asked for a reset of the computer. The CPU stands still. */
  | { readonly type: "reset" }
  /** The CPU was halted with interrupts off: nothing will ever happen in it again. */
  | { readonly type: "halted" }
  | { readonly type: "pong"; readonly beat: number; readonly figures: MachineFigures }
  /** A chunk of the disk was asked for the first time. */
  | { readonly type: "chunk"; readonly index: number }
  /** The disk could not give bytes; the guest got an I/O error. */
  | { readonly type: "disk-error"; readonly error: SerializedError }
  /** The machine cannot go on, or could not start. */
  | { readonly type: "failed"; readonly error: SerializedError };
