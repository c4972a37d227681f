import type { StateRecord } from "../bytes/index.ts";
import {
  AbortedError,
  MachineDamagedError,
  MachineTakenOverError,
  SessionClosedError,
  SnapshotNotFoundError,
  StoreError,
  type WarmbootError,
} from "../errors/index.ts";
import type { DiskBlocks } from "../machine/index.ts";
import {
  type Commit,
  encodePack,
  type MachineStore,
  PACK_PAGES,
  PAGE_SIZE,
  RecordsGoneError,
  SavedMachine,
  type SnapshotInfo,
} from "../snapshot/index.ts";
import type { Machine } from "./machine.ts";
import { Beginnings, guardOf, type Origin } from "./opening.ts";
import { DEFAULT_SAVE_TIMEOUT_MS, type SaveOptions, spawnRequest } from "./options.ts";
import { abortable, within } from "./within.ts";

/** What a save did. */
export interface SaveResult {
  /** Number of the saved state; each is one higher than the one before. */
  readonly generation: number;
  /** When that was, as `opened.savedAt` says it later. */
  readonly savedAt: Date;
  /** How long the machine stood still, in ms. */
  readonly pauseMs: number;
  /** Bytes written to the store, packed. */
  readonly bytesWritten: number;
  /** From the call until it was safe, in ms. */
  readonly totalMs: number;
  /**
   * What was saved before had been deleted from the store, as browsers do with the data of a site: this save has all of the machine. Its
   * snapshots are gone.
   */
  readonly wasGone: boolean;
}

/** Time that the guest gets to write its files to its disk. A guest that is too busy is saved all the same. */
const SYNC_MS = 3000;
/** As many times what a save may wait for its machine's disk, it may wait for the store. */
const STORE_TIMES = 4;
/** More packs than one thread makes. */
const SERIALS = 2 ** 20;

/** Saves one machine of a session under its name, one save after the other. */
export class Saver {
  readonly #saved: SavedMachine;
  #last: Promise<unknown> = Promise.resolve();
  #onLost: ((error: WarmbootError) => void) | null = null;
  #lost: WarmbootError | null = null;
  #reserved: number;
  /** What was begun to be stored and has not ended. */
  #storing: Promise<unknown> = Promise.resolve();
  /** The disk that was saved last of a machine that is off, and what that did. */
  #off: { readonly blocks: DiskBlocks; readonly result: SaveResult } | null = null;

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
    // What the machine begins with.
    this.#reserved = saved.nextSerial;
  }

  get name(): string {
    return this.#saved.name;
  }

  /**
   * Number of the first pack that whoever makes packs next may make. WHY far from the last one given: a save that is under way has numbers which
   * nobody knows yet.
   */
  reserveSerials(): number {
    this.#reserved = Math.max(this.#saved.nextSerial, this.#reserved + SERIALS);
    return this.#reserved;
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

  /** The same for a machine that is off: of it there is only the disk. Saved again with no change since, it costs nothing. */
  async saveOff(machine: Machine, blocks: DiskBlocks, origin: Origin, options: SaveOptions): Promise<SaveResult> {
    const { snapshot = null, timeoutMs = DEFAULT_SAVE_TIMEOUT_MS, signal } = options;
    if (signal?.aborted) throw new AbortedError("the save", signal.reason);
    if (this.#off?.blocks === blocks && snapshot === null) return { ...this.#off.result, bytesWritten: 0, totalMs: 0 };
    const startedAt = performance.now();
    // WHY before anything is waited for: the blocks are the machine's own when it is started again.
    const disk = packsOf(blocks, this.reserveSerials());
    const commit = { devices: null, memory: [], disk, memoryPacks: [], diskPacks: disk.map(({ serial }) => serial) };
    const saving = this.#next(async () => {
      if (snapshot !== null) this.#saved.checkSnapshotName(snapshot);
      const store = () => this.#store(machine, commit, origin, snapshot, timeoutMs);
      let wasGone = false;
      const stored = await store().catch(async (error) => {
        if (!(error instanceof RecordsGoneError)) throw error;
        wasGone = true;
        await this.#saved.beginAnew();
        return store();
      });
      const result = { ...stored, pauseMs: 0, totalMs: performance.now() - startedAt, wasGone };
      this.#off = { blocks, result };
      return result;
    });
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
    if (sync && machine.agent && !machine.isPaused) await syncGuest(machine);
    for (let wasGone = false; ; wasGone = true) {
      const capture = await machine.capture(false, timeoutMs);
      try {
        const stored = await this.#store(machine, capture, origin, snapshot, timeoutMs);
        machine.settle(true);
        return { ...stored, pauseMs: capture.pauseMs, totalMs: performance.now() - startedAt, wasGone };
      } catch (error) {
        const isGone = error instanceof RecordsGoneError;
        machine.settle(isGone ? "gone" : false);
        if (!isGone || wasGone) throw error;
        await this.#saved.beginAnew();
      }
    }
  }

  async #store(machine: Machine, commit: Commit, origin: Origin, snapshot: string | null, timeoutMs: number) {
    const longest = timeoutMs * STORE_TIMES;
    const limits = {
      what: "the save",
      timeoutMs: longest,
      onTimeout: () => new StoreError(this.#saved.place, `has not stored the machine in ${longest} ms`),
    };
    // WHY: what took too long may still be made, and what comes next must follow it.
    await within(this.#storing, limits);
    const facts = { guard: guardOf(machine), origin: JSON.stringify(origin), snapshot };
    const storing = this.#saved.commit(commit, facts).catch((error) => {
      if (error instanceof MachineTakenOverError) this.#lose();
      throw error;
    });
    this.#storing = storing.catch(() => {});
    return within(storing, limits);
  }

  #lose(): void {
    if (this.#lost) return;
    this.#lost = new MachineTakenOverError(this.name);
    this.#onLost?.(this.#lost);
  }
}

/** What a machine has written to its disk, as packs. */
function packsOf({ numbers, bytes }: DiskBlocks, firstSerial: number): StateRecord[] {
  const packs: StateRecord[] = [];
  for (let from = 0; from < numbers.length; from += PACK_PAGES) {
    const pages = new Map<number, Uint8Array>();
    for (const [i, number] of numbers.subarray(from, from + PACK_PAGES).entries())
      pages.set(number, bytes.subarray((from + i) * PAGE_SIZE, (from + i + 1) * PAGE_SIZE));
    const pack = encodePack(pages, []);
    packs.push({ serial: firstSerial + packs.length, rawBytes: pack.byteLength, gzip: false, bytes: pack });
  }
  return packs;
}

/** Has the guest write what it keeps of files in memory, so that a boot from the saved disk finds them too. */
async function syncGuest(machine: Machine): Promise<void> {
  const process = machine.link.spawn({ ...spawnRequest(["sync"], {}), stdinNull: true });
  const onTimeout = () => new Error("the guest does not write its disk");
  await within(process.exit, { what: "writing the guest's disk", timeoutMs: SYNC_MS, onTimeout }).catch(() => {});
  process.detach();
}
