import type { BlockDevice } from "./block-device.ts";
import type { IdeInterface, V86Disk } from "./v86-contract.ts";

const STATUS_READY_WITH_ERROR = 0x51;
const ERROR_UNCORRECTABLE = 0x40;
const DMA_ACTIVE = 1;

/** Gives a block device to v86's IDE controller; a failed access becomes an uncorrectable media error in the guest. */
export class IdeDisk implements V86Disk {
  readonly byteLength: number;
  onload: ((event: object) => void) | undefined;
  onprogress: ((event: object) => void) | undefined;
  readonly #device: BlockDevice;
  readonly #onError: (error: unknown) => void;
  readonly #isRestored: boolean;
  #drive: IdeInterface | null = null;
  /** Accesses that the device has not answered. */
  #underWay = 0;
  #onIdle: (() => void)[] = [];

  /**
   * @param onError Learns of each access of the guest that failed.
   * @param isRestored The machine will go on from a state.
   */
  constructor(device: BlockDevice, onError: (error: unknown) => void, isRestored: boolean) {
    this.byteLength = device.byteLength;
    this.#device = device;
    this.#onError = onError;
    this.#isRestored = isRestored;
  }

  /** The emulated drive that this is the medium of; without it a failed access cannot be reported to the guest. */
  attach(drive: IdeInterface): void {
    this.#drive = drive;
  }

  /**
   * Runs `work` at a moment at which the drive waits for nothing, now if that is so. WHY: v86 forgets accesses under way when it
   * saves a state. The emulated controller does one at a time, so there is such a moment after each of them. Calls `onBusy` instead when it
   * does not come within `timeoutMs`: bytes that it waits for may never arrive.
   */
  whenIdle(work: () => void, timeoutMs: number, onBusy: () => void): void {
    if (this.#underWay === 0) {
      work();
      return;
    }
    const idle = () => {
      clearTimeout(timer);
      work();
    };
    const timer = setTimeout(() => {
      this.#onIdle = this.#onIdle.filter((each) => each !== idle);
      onBusy();
    }, timeoutMs);
    this.#onIdle.push(idle);
  }

  load(): void {
    this.onload?.({});
  }

  get(offset: number, length: number, callback: (data: Uint8Array) => void, options?: { signal?: AbortSignal }): void {
    const now = this.#device.readNow(offset, length);
    if (now) {
      callback(now);
      return;
    }
    this.#follow(this.#device.read(offset, length), callback, (error) => {
      // WHY callback for a cancelled read: v86 forgets it there, and does not look at the data.
      if (options?.signal?.aborted) callback(new Uint8Array(0));
      else this.#fail(error);
    });
  }

  /**
   * v86 asks for the first sector when the drive is made, for a geometry to begin with. WHY not for a machine that is restored: that has
   * its geometry in its state, and the sector may have to be fetched.
   */
  get_and_cache(offset: number, length: number, callback: (data: Uint8Array) => void): void {
    const nothing = () => callback(new Uint8Array(length));
    if (this.#isRestored) nothing();
    else this.#follow(this.#device.read(offset, length), callback, nothing);
  }

  get_from_cache(offset: number, length: number): Uint8Array | undefined {
    return this.#device.readNow(offset, length) ?? undefined;
  }

  set(offset: number, data: Uint8Array, callback: () => void): void {
    if (this.#device.writeNow(offset, data)) callback();
    else this.#follow(this.#device.write(offset, data), callback, (error) => this.#fail(error));
  }

  get_buffer(callback: (buffer?: ArrayBuffer) => void): void {
    callback(undefined);
  }

  get_state(): unknown[] {
    return [];
  }

  set_state(): void {}

  #follow<T>(access: Promise<T>, done: (result: T) => void, failed: (error: unknown) => void): void {
    this.#underWay++;
    const ended = () => {
      if (--this.#underWay > 0) return;
      const waiting = this.#onIdle;
      this.#onIdle = [];
      for (const work of waiting) work();
    };
    access.then(done, failed).finally(ended);
  }

  #fail(error: unknown): void {
    this.#onError(error);
    const drive = this.#drive;
    if (!drive) return;
    drive.in_progress_io_ids.clear();
    drive.error_reg = ERROR_UNCORRECTABLE;
    drive.status_reg = STATUS_READY_WITH_ERROR;
    drive.channel.dma_status &= ~DMA_ACTIVE;
    drive.current_command = -1;
    drive.push_irq();
  }
}
