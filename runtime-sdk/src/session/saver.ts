import {
  AbortedError,
  MachineDamagedError,
  MachineTakenOverError,
  SessionClosedError,
  SnapshotNotFoundError,
  type WarmbootError,
} from "../errors/index.ts";
import { type MachineStore, SavedMachine, type SnapshotInfo } from "../snapshot/index.ts";
import type { Machine } from "./machine.ts";
import { Beginnings, guardOf, type Origin } from "./opening.ts";
import { DEFAULT_SAVE_TIMEOUT_MS, type SaveOptions, spawnRequest } from "./options.ts";
import { abortable, within } from "./within.ts";

/** What a save did. */
export interface SaveResult {
  /** Number of the saved state; each is one higher than the one before. */
  readonly generation: number;
  /** How long the machine stood still, in ms. */
  readonly pauseMs: number;
  /** Bytes written to the store, packed. */
  readonly bytesWritten: number;
  /** From the call until it was safe, in ms. */
  readonly totalMs: number;
}

/** Time that the guest gets to write its files to its disk. A guest that is too busy is saved all the same. */
const SYNC_MS = 3000;

/** Saves one machine of a session under its name, one save after the other. */
export class Saver {
  readonly #saved: SavedMachine;
  #last: Promise<unknown> = Promise.resolve();
  #onLost: ((error: WarmbootError) => void) | null = null;
  #lost: WarmbootError | null = null;

  /** @throws MachineInUseError, StoreError */
  static async open(store: MachineStore, name: string, holder: string, takeover: boolean): Promise<Saver> {
    let lose = () => {};
    const saved = await SavedMachine.open(store, name, { holder, takeover, onLost: () => lose() });
    const saver = new Saver(saved);
    lose = () => saver.#lose();
    return saver;
  }

  private constructor(saved: SavedMachine) {
    this.#saved = saved;
  }

  get name(): string {
    return this.#saved.name;
  }

  /** Number of the first pack that the machine's next thread may make. */
  get nextSerial(): number {
    return this.#saved.nextSerial;
  }

  /** `listener` is told once that another session has taken the machine. */
  onLost(listener: (error: WarmbootError) => void): void {
    this.#onLost = listener;
    if (this.#lost) listener(this.#lost);
  }

  /**
   * The ways to bring the machine up; null when nothing was saved. `snapshot`: as it was then.
   * @throws SnapshotNotFoundError, MachineDamagedError
   */
  beginnings(
    wanted: { readonly memoryMb: number | null; readonly diskMb: number | null },
    snapshot: string | null,
  ): Beginnings | null {
    if (this.#saved.isNew && snapshot !== null) throw new SnapshotNotFoundError(this.name, snapshot);
    return this.#saved.isNew ? null : new Beginnings(this.#saved, wanted, snapshot);
  }

  /** The last state as a file; it stays until that was read, or cancelled. */
  exportLast(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const [newest] = this.#saved.generations;
    if (!newest) throw new MachineDamagedError(this.name, "nothing was saved");
    return this.#saved.export(newest, () => {});
  }

  /** States that are kept under names. */
  get snapshots(): SnapshotInfo[] {
    return this.#saved.snapshots;
  }

  /** Forgets one, after the saves that are under way. @throws SnapshotNotFoundError, StoreError, MachineTakenOverError */
  removeSnapshot(name: string): Promise<void> {
    return this.#next(() => this.#saved.removeSnapshot(name));
  }

  /** Saves the machine as it is when those before are done. @throws AbortedError; the save goes on then. */
  async save(machine: Machine, origin: Origin, options: SaveOptions): Promise<SaveResult> {
    const { signal } = options;
    if (signal?.aborted) throw new AbortedError("the save", signal.reason);
    const startedAt = performance.now();
    const saving = this.#next(() => this.#save(machine, origin, options, startedAt));
    return signal ? abortable(saving, "the save", signal) : saving;
  }

  /** Gives the machine up, after the save that is under way. */
  async release(): Promise<void> {
    await this.#last;
    this.#lost ??= new SessionClosedError();
    await this.#saved.release();
  }

  #next<T>(work: () => Promise<T>): Promise<T> {
    const working = this.#last.then(() => {
      if (this.#lost) throw this.#lost;
      return work();
    });
    this.#last = working.catch(() => {});
    return working;
  }

  async #save(machine: Machine, origin: Origin, options: SaveOptions, startedAt: number): Promise<SaveResult> {
    const { sync, timeoutMs = DEFAULT_SAVE_TIMEOUT_MS, snapshot = null } = options;
    if (snapshot !== null) this.#saved.checkSnapshotName(snapshot);
    if (sync && machine.agent) await syncGuest(machine);
    const capture = await machine.capture(false, timeoutMs);
    try {
      const facts = { guard: guardOf(machine), origin: JSON.stringify(origin), snapshot };
      const { generation, bytesWritten } = await this.#saved.commit(capture, facts);
      machine.settle(true);
      const totalMs = performance.now() - startedAt;
      return { generation, pauseMs: capture.pauseMs, bytesWritten, totalMs };
    } catch (error) {
      machine.settle(false);
      if (error instanceof MachineTakenOverError) this.#lose();
      throw error;
    }
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = new MachineTakenOverError(this.name);
    this.#onLost?.(this.#lost);
  }
}

/** Has the guest write what it keeps of files in memory, so that a boot from the saved disk finds them too. */
async function syncGuest(machine: Machine): Promise<void> {
  const process = machine.link.spawn({ ...spawnRequest(["sync"], {}), stdinNull: true });
  const onTimeout = () => new Error("the guest does not write its disk");
  await within(process.exit, { what: "writing the guest's disk", timeoutMs: SYNC_MS, onTimeout }).catch(() => {});
  process.detach();
}
