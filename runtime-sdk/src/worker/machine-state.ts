import { type Gzip, packRecord, type StateRecord, unpackRecord } from "../bytes/index.ts";
import type { CowDisk, OwnBlocks } from "../disk/index.ts";
import { DiskBusyError } from "../errors/index.ts";
import type { Capture, DeviceState, Emulator, GuestMemory, RestoredState, SavedState } from "../machine/index.ts";
import {
  type CopiedPack,
  copy,
  decodeDevices,
  decodePack,
  encodeDevices,
  PAGE_SIZE,
  type PageSource,
  type Pages,
  PageTracker,
} from "../snapshot/index.ts";
import { MemoryPages } from "./memory-pages.ts";

/** Packs with their serials, oldest first. */
type Packs = (Pages & { readonly serial: number })[];

const NO_STATE: SavedState = { devices: null, memory: [], disk: [], firstSerial: 1 };
const MIB = 2 ** 20;
/** Bytes of memory, or of disk, from which a commit of them is large. */
const LARGE = 8 * MIB;

/** Knows what of a machine is saved; makes and reads the records that it is saved as. */
export class MachineState {
  readonly #memory: MemoryPages;
  readonly #memoryPages: PageTracker;
  readonly #diskPages: PageTracker;
  readonly #isStored: boolean;
  #restored: RestoredState | null = null;
  #blocks: OwnBlocks | null = null;

  /**
   * Unpacks what a machine is restored from.
   * @param isStored Its packs are in the machine's store: a commit has only what has changed since. Otherwise the first has all of it.
   * @throws RangeError when it is not what it says.
   */
  static async read(
    saved: SavedState | null,
    memoryMb: number,
    diskBytes: number,
    isStored: boolean,
  ): Promise<MachineState> {
    const { devices, memory, disk, firstSerial } = saved ?? NO_STATE;
    const state = new MachineState((memoryMb * MIB) / PAGE_SIZE, firstSerial, isStored);
    if (disk.length > 0) state.#restoreDisk(await unpack(disk, diskBytes / PAGE_SIZE));
    if (devices) state.#restoreMemory(await unpackRecord(devices), await unpack(memory, (memoryMb * MIB) / PAGE_SIZE));
    return state;
  }

  private constructor(pages: number, firstSerial: number, isStored: boolean) {
    this.#isStored = isStored;
    this.#memory = new MemoryPages(pages);
    this.#memoryPages = new PageTracker(firstSerial);
    this.#diskPages = new PageTracker(firstSerial);
  }

  /** What the emulator goes on from, once; `null`: it boots. */
  takeRestored(): RestoredState | null {
    const restored = this.#restored;
    this.#restored = null;
    return restored;
  }

  /** The disk's own blocks, once; `null`: there are none. */
  takeBlocks(): OwnBlocks | null {
    const blocks = this.#blocks;
    this.#blocks = null;
    return blocks;
  }

  /** Makes the records of a commit: what changed since the last one. The machine stands still for the copy only. */
  async commit(emulator: Emulator, disk: CowDisk | null, timeoutMs: number, gzip: Gzip): Promise<Capture> {
    this.#memory.noteRest();
    const copied = await atOneInstant(emulator, timeoutMs, (memory) => ({
      memory: this.#memoryPages.take(this.#memory.at(memory)),
      disk: disk ? this.#diskPages.take(blocksOf(disk)) : [],
    }));
    return {
      devices: await packRecord(0, copied.devices, gzip),
      memory: await packAll(copied.memory, packerFor(copied.memory, gzip)),
      disk: await packAll(copied.disk, packerFor(copied.disk, gzip)),
      memoryPacks: this.#memoryPages.packs,
      diskPacks: this.#diskPages.packs,
      pauseMs: copied.pauseMs,
    };
  }

  /** Tells whether the last commit is safe: if not, the next one writes it again; `gone`: all of the machine. */
  settle(stored: boolean | "gone"): void {
    this.#memoryPages.settle(stored);
    this.#diskPages.settle(stored);
  }

  /** Copies the whole machine, for one more like it. */
  async copy(emulator: Emulator, disk: CowDisk | null, timeoutMs: number): Promise<Capture> {
    const copied = await atOneInstant(emulator, timeoutMs, (memory) => ({
      memory: wholeMemory(memory),
      disk: disk ? [{ serial: 0, bytes: copy(disk.ownNumbers(), blocksOf(disk)) }] : [],
    }));
    return {
      devices: await packRecord(0, copied.devices, null),
      memory: await packAll(copied.memory, null),
      disk: await packAll(copied.disk, null),
      memoryPacks: [],
      diskPacks: [],
      pauseMs: copied.pauseMs,
    };
  }

  #restoreDisk(packs: Packs): void {
    const last = new Map<number, Uint8Array>();
    for (const { serial, ...pages } of packs) {
      if (this.#isStored) this.#diskPages.restore(serial, pages);
      for (const [i, number] of pages.numbers.entries())
        last.set(number, pages.bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE));
    }
    const bytes = new Uint8Array(last.size * PAGE_SIZE);
    for (const [i, block] of [...last.values()].entries()) bytes.set(block, i * PAGE_SIZE);
    this.#blocks = { numbers: Uint32Array.from(last.keys()), bytes };
  }

  #restoreMemory(devices: Uint8Array<ArrayBuffer>, packs: Packs): void {
    if (this.#isStored) for (const { serial, ...pages } of packs) this.#memoryPages.restore(serial, pages);
    this.#restored = {
      ...decodeDevices(devices),
      fillMemory: (memory) => {
        for (const pages of packs) this.#memory.fill(memory, pages);
        if (this.#isStored) this.#memory.note(packs);
      },
    };
  }
}

async function unpack(records: readonly StateRecord[], limit: number): Promise<Packs> {
  const packs: Packs = [];
  for (const record of records) packs.push({ serial: record.serial, ...decodePack(await unpackRecord(record), limit) });
  return packs;
}

/** What is large is stored as it is. WHY: to unpack it takes longer than to read it, and to pack it longer than to write it. */
function packerFor(packs: readonly CopiedPack[], gzip: Gzip): Gzip | null {
  return packs.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) < LARGE ? gzip : null;
}

async function packAll(packs: readonly CopiedPack[], gzip: Gzip | null): Promise<StateRecord[]> {
  const records: StateRecord[] = [];
  for (const { serial, bytes } of packs) records.push(await packRecord(serial, bytes, gzip));
  return records;
}

function blocksOf(disk: CowDisk): PageSource {
  return { takeChanged: () => disk.takeChanged(), page: (number) => disk.ownBlock(number) };
}

function wholeMemory(memory: GuestMemory): CopiedPack[] {
  const bytes = memory.bytes();
  const numbers = Array.from({ length: memory.pages }, (_, page) => page).filter((page) => !memory.isZero(page));
  const page = (number: number) => bytes.subarray(number * PAGE_SIZE, (number + 1) * PAGE_SIZE);
  return [{ serial: 0, bytes: copy(numbers, { page }) }];
}

/** Runs `take` while the machine stands still, together with a copy of its devices. @throws DiskBusyError */
function atOneInstant<T extends object>(
  emulator: Emulator,
  timeoutMs: number,
  take: (memory: GuestMemory) => T,
): Promise<T & { devices: Uint8Array<ArrayBuffer>; pauseMs: number }> {
  return new Promise((resolve, reject) => {
    const now = (startedAt: number, state: DeviceState, memory: GuestMemory) => {
      try {
        const taken = take(memory);
        resolve({ ...taken, devices: encodeDevices(state), pauseMs: performance.now() - startedAt });
      } catch (error) {
        reject(error);
      }
    };
    emulator.capture(now, timeoutMs, () => reject(new DiskBusyError(timeoutMs)));
  });
}
