import type { FromWorker, ToWorker } from "../machine/index.ts";
import type { MachineStore } from "../snapshot/index.ts";

/** The thread that runs a machine, as the session sees it. */
export interface MachineThread {
  post(message: ToWorker, transfer?: ArrayBufferLike[]): void;
  /** At most one listener each; called for what happens from then on. */
  onMessage(listener: (message: FromWorker) => void): void;
  /** The thread ended or threw, other than by `terminate`. */
  onFailure(listener: (detail: string) => void): void;
  /** Ends the thread at once, whatever it does. May be called twice. */
  terminate(): Promise<void>;
}

/** What differs between a browser and Node. */
export interface SessionPlatform {
  /** Starts a thread for one machine. */
  createThread(): MachineThread;
  /** Absolute address of v86.wasm. */
  readonly wasmUrl: string;
  /** Absolute addresses of the firmware for images that bring none. */
  readonly firmware: { readonly biosUrl: string; readonly vgaBiosUrl: string };
  /** Makes an address given by the caller absolute. */
  resolveAddress(address: string | URL): string;
  /** Where machines are saved when the caller names no place. */
  defaultStore(): MachineStore;
  /** What this program or page is, for someone who finds a machine in use. */
  holder(): string;
  /** Calls `hidden` when the page is hidden or left, from where it may never come back; returns what ends that. */
  onHide(hidden: () => void): () => void;
}
