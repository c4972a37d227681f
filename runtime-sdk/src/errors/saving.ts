/** What can go wrong with saved machines. */
import { WarmbootError } from "./errors.ts";

/** Thrown when a machine cannot be saved or forked now: its disk waits for bytes of its image. It runs on, and can be saved later. */
export class DiskBusyError extends WarmbootError {
  readonly code = "disk-busy";
  override readonly name = "DiskBusyError";
  /** How long it was waited for, in ms. */
  readonly timeoutMs: number;
  constructor(timeoutMs: number) {
    super(
      `the disk has waited for bytes of its image for ${timeoutMs} ms, and a machine cannot be saved in the middle of that`,
      "Try again when the place that the image comes from answers.",
    );
    this.timeoutMs = timeoutMs;
  }
}

/** Thrown when a saved machine was made from another image than the one that is to be had. The machine is unharmed. */
export class ImageMismatchError extends WarmbootError {
  readonly code = "image-mismatch";
  override readonly name = "ImageMismatchError";
  /** Name of the image that was found. */
  readonly imageName: string;
  /** Identity of the image that the machine was made from. */
  readonly expected: string;
  /** Identity of the image that was found. */
  readonly actual: string;
  /** `lost`: why the image that it was made from cannot be had either, at the address where it was. */
  constructor(imageName: string, expected: string, actual: string, lost = "", cause?: unknown) {
    super(
      `the machine was made from image ${expected.slice(0, 12)}…, and image "${imageName}" is ${actual.slice(0, 12)}…${lost && `; its own cannot be had: ${lost}`}`,
      "Open it with the image that it was made from: its own blocks mean nothing on another one. Until that is to be had again, it can be exported as a file, which needs the image too.",
      cause,
    );
    this.imageName = imageName;
    this.expected = expected;
    this.actual = actual;
  }
}

/** Thrown when a saved machine cannot be opened in any way: its disk is damaged in every generation. Nothing was changed. */
export class MachineDamagedError extends WarmbootError {
  readonly code = "machine-damaged";
  override readonly name = "MachineDamagedError";
  /** Name of the machine. */
  readonly machine: string;
  /** What is wrong with which record. */
  readonly detail: string;
  constructor(machine: string, detail: string, cause?: unknown) {
    super(
      `the saved machine "${machine}" is damaged: ${detail}`,
      "Bring back its records from a backup, or remove it and start a new one.",
      cause,
    );
    this.machine = machine;
    this.detail = detail;
  }
}

/** Thrown by an import for a file that is not a machine, is cut or damaged, or claims what no machine can be. Nothing of it is left. */
export class MachineFileError extends WarmbootError {
  readonly code = "machine-file-refused";
  override readonly name = "MachineFileError";
  /** What is wrong with which part. */
  readonly detail: string;
  constructor(detail: string, cause?: unknown) {
    super(
      `the file is not a saved machine, or a damaged one: ${detail}`,
      "Get the file once more, or export the machine anew.",
      cause,
    );
    this.detail = detail;
  }
}

/** Thrown when a saved machine is open elsewhere: only one may write to it. */
export class MachineInUseError extends WarmbootError {
  readonly code = "machine-in-use";
  override readonly name = "MachineInUseError";
  /** Name of the machine. */
  readonly machine: string;
  /** Who has it open, as that one describes itself. */
  readonly holder: string;
  constructor(machine: string, holder: string) {
    super(
      `the machine "${machine}" is open in ${holder}`,
      "Close it there, or open it with `takeover: true`, which ends it there without saving.",
    );
    this.machine = machine;
    this.holder = holder;
  }
}

/** Thrown by what works on a saved machine that is not there. */
export class MachineNotFoundError extends WarmbootError {
  readonly code = "machine-not-found";
  override readonly name = "MachineNotFoundError";
  /** Name of the machine. */
  readonly machine: string;
  constructor(machine: string) {
    super(`there is no saved machine "${machine}"`, "See the list of saved machines for the names.");
    this.machine = machine;
  }
}

/** The session has failed with this when its saved machine was opened elsewhere with `takeover: true`. */
export class MachineTakenOverError extends WarmbootError {
  readonly code = "machine-taken-over";
  override readonly name = "MachineTakenOverError";
  /** Name of the machine. */
  readonly machine: string;
  constructor(machine: string) {
    super(
      `the machine "${machine}" was taken over: it is open elsewhere now`,
      "Go on there. What was not saved here is lost.",
    );
    this.machine = machine;
  }
}

/** Thrown when there is no room to save a machine. What was saved before is whole, and the machine runs on. */
export class QuotaError extends WarmbootError {
  readonly code = "quota-exceeded";
  override readonly name = "QuotaError";
  /** Bytes that were to be written. */
  readonly bytes: number;
  constructor(bytes: number, place: string, cause?: unknown) {
    super(
      `there is no room in ${place} for ${bytes} bytes`,
      "Remove files or machines that are not needed, then save again.",
      cause,
    );
    this.bytes = bytes;
  }
}

/** Thrown when a machine has no state of that name. */
export class SnapshotNotFoundError extends WarmbootError {
  readonly code = "snapshot-not-found";
  override readonly name = "SnapshotNotFoundError";
  /** Name of the machine. */
  readonly machine: string;
  /** Name of the state. */
  readonly snapshot: string;
  constructor(machine: string, snapshot: string) {
    super(
      `the machine "${machine}" has no snapshot "${snapshot}"`,
      "See the list of its snapshots for the names; `save({ snapshot })` makes one.",
    );
    this.machine = machine;
    this.snapshot = snapshot;
  }
}

/** Thrown when the place where machines are saved cannot be read or written. What was saved before is whole. */
export class StoreError extends WarmbootError {
  readonly code = "store-failed";
  override readonly name = "StoreError";
  constructor(place: string, problem: string, cause?: unknown) {
    super(`${place}: ${problem}`, "Check that the place can be written to, then try again.", cause);
  }
}
