import type { KernelPanicError, WarmbootError } from "../errors/index.ts";
import type { PortEvent } from "../guest/index.ts";
import type { BootProgress } from "../machine/index.ts";
import type { BlockedConnection, NetworkStatus } from "./network/index.ts";
import type { SaveResult } from "./saver.ts";

/**
 * Where a session is. `booting`: also while the machine is started anew. `off`: the guest was shut down; `reboot` starts it again.
 * `failed` and `closed` are final.
 */
export type SessionState = "booting" | "running" | "paused" | "off" | "failed" | "closed";

/** Events of a session, and what their listeners get. */
export interface SessionEvents {
  /** The state changed. */
  state: SessionState;
  /** The boot went on. */
  progress: BootProgress;
  /** Text of the kernel's console, in pieces. */
  console: string;
  /** The guest's kernel panicked; the session has failed. */
  panic: KernelPanicError;
  /** The disk could not give bytes (usually ArtefactMissingError or ArtefactDamagedError) and the guest got an I/O error; the session goes on. */
  "disk-error": WarmbootError;
  /**
   * A process of the guest began or ceased to listen on a TCP port. A new listener is told at once what is open. It is looked four
   * times a second, and only while somebody listens; what opens and closes in between is not seen.
   */
  port: PortEvent;
  /** The way to the relay changed. */
  network: NetworkStatus;
  /** The guest wanted something of the network that it did not get. */
  "network-blocked": BlockedConnection;
  /** The machine was saved. */
  saved: SaveResult;
  /** The machine could not be saved by `autosave`; it goes on. */
  "save-failed": WarmbootError;
  /** The session has failed: panic, crash, hang, broken link. */
  error: WarmbootError;
}

type Listener<T> = (value: T) => void;

/** Keeps the listeners of a session. */
export class EventHub {
  readonly #listeners = new Map<keyof SessionEvents, Set<Listener<never>>>();

  /** Returns the function that takes the listener away again. */
  on<K extends keyof SessionEvents>(event: K, listener: Listener<SessionEvents[K]>): () => void {
    const set = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, set);
    // A wrapper, so that one function added twice is two listeners.
    const entry: Listener<SessionEvents[K]> = (value) => listener(value);
    set.add(entry as Listener<never>);
    return () => set.delete(entry as Listener<never>);
  }

  emit<K extends keyof SessionEvents>(event: K, value: SessionEvents[K]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        (listener as Listener<SessionEvents[K]>)(value);
      } catch (error) {
        // A listener that throws must not stop the machine; it is reported as any uncaught error is.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
