import type { Opened } from "warmboot";
import type { Lie } from "./lies.ts";

/** What is under way beside a machine; `committing`: within a save, the store is being written. */
export type Phase = "starting" | "opening" | "checking" | "running" | "saving" | "committing";

/** What a life tells by itself. */
export type Report =
  | { readonly kind: "phase"; readonly phase: Phase }
  /** A save was made: what the guest had called safe before it began is safe from now on. */
  | { readonly kind: "saved"; readonly record: number }
  /** The machine still belonged to the life before, and is asked for again. */
  | { readonly kind: "locked" }
  | { readonly kind: "failed"; readonly reason: string };

export interface OpenRequest {
  readonly image: string;
  /** For `localStore`. */
  readonly store: string;
  /** Null: the machine's own. Another size than it was saved with starts it cold. */
  readonly memoryMb: number | null;
  /** Every record of the devices is read with a flipped bit, so that no state can be restored. */
  readonly hurtDevices: boolean;
  /** The machine is saved by `autosave`, every second at most. */
  readonly autosave: boolean;
  /** A fault that the crash test must find. */
  readonly lie: Lie | null;
}

export interface CommandResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What can be asked of a life, in a process or a page of its own. */
export interface Calls {
  open(request: OpenRequest): Promise<Opened>;
  exec(command: string, stdin: string): Promise<CommandResult>;
  /** Lets saves run for ever: one after the other, or those that are made by themselves. `sync`: the guest writes its disk before each. */
  reboot(): Promise<void>;
  keepSaving(sync: boolean): Promise<void>;
  /** The packs of the newest generation's disk, oldest first, unpacked and in base64. Of a machine that is not open. */
  savedDisk(store: string): Promise<string[]>;
  close(): Promise<void>;
}

export const MACHINE = "crash";
/** Where the guest's writer says which record is safe. */
export const DONE_FILE = "/run/crash/done";
