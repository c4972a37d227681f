/**
 * Everything we use of v86 0.5.462 that its own types do not promise. `v86-contract.test.ts` checks each of these against the
 * installed package; a new version of v86 is taken only with that test and this file.
 */
import { V86 } from "v86";

/** A receive or transmit queue of an emulated virtio device. */
export interface VirtQueue {
  size_supported: number;
  /** Sets the size that the guest is offered; a power of two. */
  set_size(size: number): void;
  /** True once the guest's driver has set the queue up. */
  is_configured(): boolean | number;
  /** Buffers the guest has made available and the device has not used. Only when configured. */
  count_requests(): number;
  has_request(): boolean;
  /** Number of the next buffer that the device takes, modulo 2^16. */
  avail_last_idx: number;
  /** Takes the next buffer; there must be one. */
  pop_request(): BufferChain;
  /** Gives a buffer back; the guest learns of it by `flush_replies`. */
  push_reply(chain: BufferChain): void;
  flush_replies(): void;
}

/** A buffer of the guest, in one piece or several. The guest says how long they are. */
export interface BufferChain {
  readonly length_readable: number;
  readonly length_writable: number;
  /** Copies from the guest; returns the bytes that were there. */
  get_next_blob(bytes: Uint8Array): number;
  /** Copies to the guest, behind what was copied before; returns the bytes that had room. */
  set_next_blob(bytes: Uint8Array): number;
}

/** The emulated virtio network card. Queues: 0 receive, 1 transmit, 2 control. */
export interface VirtioNet {
  readonly virtio: {
    readonly queues: VirtQueue[];
    /** Bits of the features that the guest is offered, 32 an element. */
    readonly device_feature: Uint32Array;
    /** Bits of those that it has taken: all, until it says which. */
    readonly driver_feature: Uint32Array;
    is_feature_negotiated(bit: number): boolean | number;
  };
}

/** The emulated virtio console. Queues: 0/1 receive/transmit of port 0, 2/3 control, 2n+2/2n+3 of port n. */
export interface VirtioConsole {
  readonly virtio: { readonly queues: VirtQueue[] };
  /** Sends a control message to the guest. */
  SendEvent(port: number, event: number, value: number): void;
}

/** One drive of the emulated IDE controller. */
export interface IdeInterface {
  readonly channel: { dma_status: number };
  status_reg: number;
  error_reg: number;
  current_command: number;
  readonly in_progress_io_ids: Map<number, unknown>;
  push_irq(): void;
}

/** One emulated serial port. */
export interface Uart {
  /** Bytes for the guest that it has not read. Not part of a saved state. */
  readonly input: readonly number[];
}

/** A register in the emulator's memory: element 0. Reading and writing it goes to the memory, wherever that has grown to. */
export interface Register {
  [index: number]: number;
}

/** What `pack_memory` puts into a saved state: a bit for each page that is not zero, and those pages. */
export interface PackedMemory {
  readonly packed_memory: Uint8Array;
  readonly bitmap: { get_buffer(): ArrayBuffer };
}

export interface V86Cpu {
  readonly devices: {
    readonly uart0: Uart;
    readonly virtio_console: VirtioConsole;
    readonly virtio_net: VirtioNet;
    readonly ide: { readonly primary: { readonly master: IdeInterface } };
  };
  /** Called when the guest resets the computer through the keyboard controller or port 0xCF9. */
  reboot_internal(): void;
  /** Element 0 is not 0 while the CPU is halted: no instruction is executed until an interrupt comes. */
  readonly in_hlt: Register;
  /** EFLAGS; what arithmetic made of it may still be elsewhere. */
  readonly flags: Register;
  /** Element 0 counts instructions modulo 2^32. */
  readonly instruction_counter: { readonly [index: number]: number };
  /** The guest's memory: a view that follows the emulator's growing memory, so `subarray` is what it is good for. */
  readonly mem8: Uint8Array;
  /** The emulator's memory, with the guest's in it. */
  readonly wasm_memory: WebAssembly.Memory;
  /** Whether `length` bytes of the guest's memory from `address` on, both multiples of 8, are zero. */
  is_memory_zeroed(address: number, length: number): boolean | number;
  /** Called while a state is saved. */
  pack_memory(): PackedMemory;
  /** Called when a state is restored; would fill the memory with what `pack_memory` gave. */
  unpack_memory(bitmap: unknown, packed: Uint8Array): void;
  /** Saved, but not restored: `set_state` puts plain arrays in the place of these views. */
  last_result: Register;
  fpu_status_word: Register;
  mxcsr: Register;
}

/** Event bus between the host and the emulated devices. */
export interface V86Bus {
  send(event: string, value: unknown): void;
}

/** What v86 wants of a disk object given as `hda`. */
export interface V86Disk {
  readonly byteLength: number;
  onload: ((event: object) => void) | undefined;
  onprogress: ((event: object) => void) | undefined;
  load(): void;
  get(offset: number, length: number, callback: (data: Uint8Array) => void, options?: { signal?: AbortSignal }): void;
  get_and_cache(offset: number, length: number, callback: (data: Uint8Array) => void): void;
  get_from_cache(offset: number, length: number): Uint8Array | undefined;
  set(offset: number, data: Uint8Array, callback: () => void): void;
  get_buffer(callback: (buffer?: ArrayBuffer) => void): void;
  /** What goes into a saved state: nothing, the disk is kept apart. */
  get_state(): unknown[];
  set_state(state: unknown[]): void;
}

/** Options we pass that the types leave out or describe otherwise. */
export interface V86Settings {
  readonly wasm_fn: (imports: WebAssembly.Imports) => Promise<WebAssembly.Exports>;
  readonly memory_size: number;
  readonly vga_memory_size: number;
  readonly bios?: { readonly buffer: ArrayBuffer };
  readonly vga_bios?: { readonly buffer: ArrayBuffer };
  readonly bzimage?: { readonly buffer: ArrayBuffer };
  readonly cmdline?: string;
  readonly initrd?: { readonly buffer: ArrayBuffer };
  readonly hda?: V86Disk;
  readonly virtio_console: true;
  readonly net_device: { readonly type: "virtio"; readonly mtu: number };
  readonly autostart: false;
  readonly disable_keyboard: true;
  readonly disable_mouse: true;
  readonly disable_speaker: true;
}

/** An instance, with the parts that the types leave out. */
export interface V86Instance {
  readonly bus: V86Bus;
  readonly v86: {
    readonly cpu: V86Cpu;
    /** Called between two slices of the CPU: has `yield_callback` called with `turn` in `ms`, or as soon as others had their turn. */
    yield(ms: number, turn: number): void;
    /** Goes on, if no later turn was asked for. */
    yield_callback(turn: number): void;
    /** The state of the CPU and the devices, at once. */
    save_state(): ArrayBuffer;
    /** Takes a state of a machine with the same devices, at once. After a failure the instance is unusable. */
    restore_state(state: ArrayBuffer): void;
  };
  add_listener(event: string, listener: (value: never) => void): void;
  run(): Promise<void>;
  /** Resolves when the CPU stands still; from the call on it runs no further slice. */
  stop(): Promise<void>;
}

/** Control message "this port is a console": withheld for the link's port, so that the guest makes it a plain device. */
export const VIRTIO_CONSOLE_PORT_EVENT = 4;

export function createV86(settings: V86Settings): V86Instance {
  const Constructor = V86 as unknown as new (settings: V86Settings) => V86Instance;
  return new Constructor(settings);
}

/** Number of a port's receive queue. */
export const receiveQueue = (port: number): number => (port === 0 ? 0 : 2 * port + 2);
/** Number of a port's transmit queue. */
export const transmitQueue = (port: number): number => (port === 0 ? 1 : 2 * port + 3);
