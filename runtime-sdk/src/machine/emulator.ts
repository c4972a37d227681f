import { OutOfMemoryError } from "../errors/index.ts";
import type { BlockDevice } from "./block-device.ts";
import { memoryOf, restoreMachine, saveDevices } from "./cpu-state.ts";
import { IdeDisk } from "./ide-disk.ts";
import { LinkPort } from "./link-port.ts";
import type { DeviceState, GuestMemory, RestoredState } from "./machine-state.ts";
import { NetCard } from "./net-card.ts";
import type { NetworkSide } from "./network-side.ts";
import { SerialConsole } from "./serial-console.ts";
import { type Turns, takeTurns } from "./turns.ts";
import { createV86, type V86Instance } from "./v86-contract.ts";

/** What a machine boots from. */
export interface BootFiles {
  readonly bios: Uint8Array<ArrayBuffer>;
  readonly vgaBios: Uint8Array<ArrayBuffer>;
  readonly kernel: Uint8Array<ArrayBuffer>;
  readonly initrd: Uint8Array<ArrayBuffer> | null;
  readonly cmdline: string;
}

export interface EmulatorOptions {
  readonly wasm: WebAssembly.Module;
  /** `null` only for a machine that is restored: it has all that in its memory. */
  readonly boot: BootFiles | null;
  readonly memoryMb: number;
  readonly disk: BlockDevice | null;
  /** Number of the virtio console port that carries the guest link. */
  readonly linkPort: number;
  /** How the CPU comes back after a slice; `null`: as v86 does it. */
  readonly turns: Turns | null;
  readonly network: NetworkSide;
  /** Text of the serial console, in pieces. */
  readonly onConsole: (text: string) => void;
  /** Bytes of the guest link. */
  readonly onLink: (bytes: Uint8Array) => void;
  /** The disk could not give or take bytes; the guest got an I/O error. */
  readonly onDiskError: (error: unknown) => void;
  /** The guest asked for a reset of the computer; the CPU has been stopped. */
  readonly onReset: () => void;
  /** The CPU was halted with interrupts off. */
  readonly onHalt: () => void;
}

/** Enough for text mode, and the least v86 accepts without trouble; it is part of every saved state. */
const VGA_BYTES = 512 * 1024;
const MIB = 2 ** 20;
const COUNT_INTERVAL_MS = 2000;
/** In EFLAGS. */
const INTERRUPT_FLAG = 1 << 9;

/** Fails early when the memory cannot be had: v86's own allocation would end in a bare trap. */
function checkMemory(memoryMb: number): void {
  const pages = (memoryMb * MIB) / 65536 + 512;
  try {
    new WebAssembly.Memory({ initial: pages });
  } catch (cause) {
    throw new OutOfMemoryError(memoryMb, cause);
  }
}

function filesFor({ bios, vgaBios, kernel, initrd, cmdline }: BootFiles) {
  return {
    bios: { buffer: bios.buffer },
    vga_bios: { buffer: vgaBios.buffer },
    // WHY a copy: v86 writes the command line and more into the kernel it is given.
    bzimage: { buffer: kernel.slice().buffer },
    ...(initrd && { initrd: { buffer: initrd.buffer } }),
    cmdline,
  };
}

/** One emulated PC: made once, started once, ended with the thread it runs in. */
export class Emulator {
  readonly #v86: V86Instance;
  readonly #link: LinkPort;
  #instructions = 0;
  #lastCounter = 0;
  #busyMs = 0;
  #counting: ReturnType<typeof setInterval> | undefined;
  readonly #console: SerialConsole;
  readonly #network: NetworkSide;
  readonly #disk: IdeDisk | null;

  /** Sets the PC up; it does not run yet. */
  static async create(options: EmulatorOptions): Promise<Emulator> {
    checkMemory(options.memoryMb);
    const disk = options.disk && new IdeDisk(options.disk, options.onDiskError, options.boot === null);
    const v86 = createV86({
      wasm_fn: async (imports) => (await WebAssembly.instantiate(options.wasm, imports)).exports,
      memory_size: options.memoryMb * MIB,
      vga_memory_size: VGA_BYTES,
      ...(options.boot && filesFor(options.boot)),
      ...(disk && { hda: disk }),
      virtio_console: true,
      net_device: { type: "virtio", mtu: options.network.maxMtu },
      autostart: false,
      disable_keyboard: true,
      disable_mouse: true,
      disable_speaker: true,
    });
    await new Promise<void>((resolve) => v86.add_listener("emulator-loaded", () => resolve()));
    if (options.turns) takeTurns(v86, options.turns);
    disk?.attach(v86.v86.cpu.devices.ide.primary.master);
    return new Emulator(v86, disk, options);
  }

  private constructor(v86: V86Instance, disk: IdeDisk | null, options: EmulatorOptions) {
    this.#v86 = v86;
    this.#disk = disk;
    this.#link = new LinkPort(v86, options.linkPort, options.onLink);
    this.#console = new SerialConsole(v86, options.onConsole);
    const { network } = options;
    this.#network = network;
    network.attach(
      new NetCard(
        v86,
        (packet) => network.receivePacket(packet),
        () => network.flush(),
      ),
    );
    // WHY never v86's own reset: with a kernel given by the host it does not come up again, and cannot be stopped any more.
    v86.v86.cpu.reboot_internal = () => {
      this.#haltForGood();
      this.stop();
      options.onReset();
    };
    v86.add_listener("cpu-event-halt", () => options.onHalt());
    this.#timeSlices();
  }

  /** Goes on from there instead of booting. To be called before it runs, on one that was made without a kernel. */
  restore(state: RestoredState): void {
    restoreMachine(this.#v86, state);
    this.sendConsole(state.consoleInput);
    this.#network.restore(state.network);
  }

  run(): void {
    this.#network.pause(false);
    void this.#v86.run();
    // WHY: v86 counts modulo 2^32, which is less than ten seconds' worth; this sees each time round.
    this.#counting ??= setInterval(() => this.instructions, COUNT_INTERVAL_MS);
  }

  #timeSlices(): void {
    const { v86 } = this.#v86;
    const slice = v86.yield_callback.bind(v86);
    v86.yield_callback = (turn) => {
      const startedAt = performance.now();
      slice(turn);
      this.#busyMs += performance.now() - startedAt;
    };
  }

  /**
   * WHY: `stop` is for the end of a slice. A kernel that asked for a reset does not wait that long: it tries a triple fault next, and
   * that is the end of v86 (`Unimplemented: #GP handler`).
   */
  #haltForGood(): void {
    const { cpu } = this.#v86.v86;
    cpu.flags[0] = (cpu.flags[0] ?? 0) & ~INTERRUPT_FLAG;
    cpu.in_hlt[0] = 1;
  }

  /** The CPU stands still from now on, until `run`. */
  stop(): void {
    this.#network.pause(true);
    void this.#v86.stop();
    clearInterval(this.#counting);
    this.#counting = undefined;
  }

  /**
   * Calls `take` with everything of the machine but its disk, at a moment at which the CPU is between two slices and the disk has
   * nothing under way; `take` must do its work at once. `startedAt`: since when the CPU stands still, by `performance.now`. Calls `onBusy`
   * instead when there is no such moment for `timeoutMs`.
   */
  capture(
    take: (startedAt: number, state: DeviceState, memory: GuestMemory) => void,
    timeoutMs: number,
    onBusy: () => void,
  ): void {
    const now = () => {
      const startedAt = performance.now();
      const [consoleInput, network] = [this.#console.unread, this.#network.save()];
      take(startedAt, { devices: saveDevices(this.#v86), consoleInput, network }, memoryOf(this.#v86));
    };
    if (this.#disk) this.#disk.whenIdle(now, timeoutMs, onBusy);
    else now();
  }

  /** Bytes for the guest's serial console. */
  sendConsole(bytes: Uint8Array): void {
    this.#console.send(bytes);
  }

  /** Bytes for the guest's end of the link; none is lost. */
  sendLink(bytes: Uint8Array): void {
    this.#link.send(bytes);
  }

  /** Time spent in slices of the CPU so far. */
  get busyMs(): number {
    return this.#busyMs;
  }

  /** Instructions executed so far. */
  get instructions(): number {
    const counter = this.#v86.v86.cpu.instruction_counter[0] ?? 0;
    this.#instructions += (counter - this.#lastCounter) >>> 0;
    this.#lastCounter = counter;
    return this.#instructions;
  }
}
