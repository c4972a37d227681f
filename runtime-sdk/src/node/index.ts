/** Warmboot in Node: the machine runs in a worker thread. */
import { bootMachine } from "../session/entry.ts";
import type { BootOptions, MachineSession } from "../session/index.ts";
import { nodePlatform } from "./platform.ts";

export * from "../errors/errors.ts";
export type * from "../session/index.ts";

/** A machine and everything that can be done with it. */
export type KernelSession = MachineSession;

/** Boots machines. */
export const KernelSession = {
  /**
   * Boots a machine; resolves when the agent in it answers.
   * @throws KernelPanicError, BootTimeoutError, ArtefactMissingError, ArtefactDamagedError, WasmUnavailableError, OutOfMemoryError,
   * AbortedError, EmulatorCrashedError, EmulatorHungError, LinkBrokenError, InvalidOptionError
   * @example const session = await KernelSession.boot({ image: "path/to/image.json" });
   */
  boot: (options: BootOptions): Promise<KernelSession> => bootMachine(nodePlatform, options),
};
