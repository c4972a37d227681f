import {
  ArtefactDamagedError,
  ArtefactMissingError,
  EmulatorCrashedError,
  type ErrorCode,
  InvalidOptionError,
  OutOfMemoryError,
  WarmbootError,
  WasmUnavailableError,
} from "./errors.ts";
import { DiskBusyError, ImageMismatchError } from "./saving.ts";

/** An error in a form that survives structured cloning between threads. */
export interface SerializedError {
  readonly code: ErrorCode;
  readonly args: readonly (string | number | null)[];
  /** Text of the cause, if there was one. */
  readonly cause: string | null;
}

function causeText(error: Error): string | null {
  if (error.cause === undefined) return null;
  return error.cause instanceof Error ? `${error.cause.name}: ${error.cause.message}` : String(error.cause);
}

/** Turns what a worker threw into something that can be posted. Anything that is not one of ours is a crash. */
export function serializeError(error: unknown): SerializedError {
  if (!(error instanceof WarmbootError)) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { code: "emulator-crashed", args: [detail], cause: error instanceof Error ? (error.stack ?? null) : null };
  }
  const args = (): (string | number | null)[] => {
    if (error instanceof ArtefactMissingError) return [error.file, error.status];
    if (error instanceof ArtefactDamagedError) return [error.file, error.expected, error.actual];
    if (error instanceof DiskBusyError) return [error.timeoutMs];
    if (error instanceof ImageMismatchError) return [error.imageName, error.expected, error.actual];
    if (error instanceof InvalidOptionError) return [error.option, error.problem];
    if (error instanceof OutOfMemoryError) return [error.memoryMb];
    if (error instanceof WasmUnavailableError) return [];
    return [error.message];
  };
  const known = [
    "artefact-missing",
    "artefact-damaged",
    "disk-busy",
    "image-mismatch",
    "invalid-option",
    "out-of-memory",
    "wasm-unavailable",
  ];
  return { code: known.includes(error.code) ? error.code : "emulator-crashed", args: args(), cause: causeText(error) };
}

/** The error that `serializeError` was given. */
export function reviveError({ code, args, cause: text }: SerializedError): WarmbootError {
  const cause = text ?? undefined;
  switch (code) {
    case "artefact-missing":
      return new ArtefactMissingError(String(args[0]), args[1] === null ? null : Number(args[1]), cause);
    case "artefact-damaged":
      return new ArtefactDamagedError(String(args[0]), String(args[1]), String(args[2]), cause);
    case "disk-busy":
      return new DiskBusyError(Number(args[0]));
    case "image-mismatch":
      return new ImageMismatchError(String(args[0]), String(args[1]), String(args[2]));
    case "invalid-option":
      return new InvalidOptionError(String(args[0]), String(args[1]));
    case "out-of-memory":
      return new OutOfMemoryError(Number(args[0]), cause);
    case "wasm-unavailable":
      return new WasmUnavailableError(cause);
    default:
      return new EmulatorCrashedError(String(args[0]), cause);
  }
}
