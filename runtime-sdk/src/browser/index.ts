/** Warmboot in a browser: the machine runs in a module worker. */
import { openWebSocket } from "../net/index.ts";
import { bootMachine, tryRelayBy } from "../session/entry.ts";
import type { BootOptions, MachineSession, NetworkStatus, RelayOptions, TryRelayOptions } from "../session/index.ts";
import { IndexedDbStore, type MachineStore, MemoryStore, SavedMachines } from "../snapshot/index.ts";
import { DEFAULT_DATABASE } from "./default-database.ts";
import { browserPlatform } from "./platform.ts";

export * from "../errors/errors.ts";
export * from "../errors/network.ts";
export * from "../errors/saving.ts";
export type * from "../session/index.ts";
export type {
  ImportOptions,
  Lock,
  LockRequest,
  MachineStore,
  RecordChange,
  SavedMachineInfo,
  SavedMachines,
  SavedStateInfo,
  SnapshotInfo,
} from "../snapshot/index.ts";

/** A machine and everything that can be done with it. */
export type KernelSession = MachineSession;

/** Boots machines. */
export const KernelSession = {
  /**
   * Boots a machine, or opens a saved one; resolves when the agent in it answers.
   * @throws MachineInUseError, MachineDamagedError, SnapshotNotFoundError, ImageMismatchError, StoreError, KernelPanicError, BootTimeoutError, ArtefactMissingError, ArtefactDamagedError, WasmUnavailableError, OutOfMemoryError,
   * AbortedError, EmulatorCrashedError, EmulatorHungError, LinkBrokenError, InvalidOptionError
   * @example const session = await KernelSession.boot({ image: "/images/default/image.json" });
   */
  boot: (options: BootOptions): Promise<KernelSession> => bootMachine(browserPlatform, options),
};

/**
 * Keeps machines in the browser, for pages of this origin.
 * @param database Name of the IndexedDB database. Default "warmboot".
 */
export function localStore(database = DEFAULT_DATABASE): MachineStore {
  return new IndexedDbStore(database);
}

/** The saved machines of a store. */
export function savedMachines(store: MachineStore = localStore()): SavedMachines {
  return new SavedMachines(store, browserPlatform.holder());
}

/** Keeps machines in this process, for as long as it lasts. */
export function memoryStore(): MachineStore {
  return new MemoryStore();
}

/**
 * Connects to a relay as a machine would, says how that went, and leaves it again.
 * @throws InvalidOptionError, AbortedError
 * @example const { state, reason } = await tryRelay({ relay: "wisps://relay.example/", token });
 */
export function tryRelay(relay: RelayOptions, options: TryRelayOptions = {}): Promise<NetworkStatus> {
  return tryRelayBy(openWebSocket, relay, options);
}
