import type { WarmbootError } from "../errors/index.ts";
import type { BootProgress, StartMessage } from "../machine/index.ts";
import type { FromGateway } from "../net/index.ts";

/** What a machine tells the session that owns it. */
export interface MachineListener {
  onProgress(progress: BootProgress): void;
  onConsole(text: string): void;
  onDiskError(error: WarmbootError): void;
  onChunk(index: number): void;
  onNetwork(message: FromGateway): void;
  /** The machine cannot go on. Nothing follows. */
  onFailure(error: WarmbootError): void;
  /** The guest reset the computer, or halted its CPU for good. The machine does nothing more, but its disk can be taken. */
  onPower(kind: "reset" | "halted"): void;
}

export interface MachineSettings {
  readonly start: StartMessage;
  /** The thread is killed when it has not answered for this long. */
  readonly hangTimeoutMs: number;
  /** The boot is over when the agent answers; without: at the first text on the console. */
  readonly expectAgent: boolean;
  /** It is new or a copy, and gets a machine-id and a MAC address of its own. */
  readonly isCopy: boolean;
}
