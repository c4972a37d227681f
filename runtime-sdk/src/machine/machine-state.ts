/** Bytes of one page of the guest's memory. */
export const PAGE_SIZE = 4096;

/** Everything of a machine but its memory and its disk, of one instant. */
export interface DeviceState {
  /** Registers and devices, in v86's own format. */
  readonly devices: Uint8Array<ArrayBuffer>;
  /** Bytes for the serial console that the guest had not read. */
  readonly consoleInput: Uint8Array<ArrayBuffer>;
  /** What the network side wants to remember. */
  readonly network: Uint8Array<ArrayBuffer>;
}

/** What a machine is restored from. */
export interface RestoredState extends DeviceState {
  /** Writes the guest's pages into its memory, which is all zero. */
  readonly fillMemory: (memory: Uint8Array) => void;
}

/** A machine's memory as it is saved: looked at between two slices of the emulated CPU. */
export interface GuestMemory {
  /** Number of pages. */
  readonly pages: number;
  /** All of it. Look it up anew each time: the emulator may move it. */
  bytes(): Uint8Array;
  /** Where it is in the emulator's memory, in bytes. */
  readonly wasm: { readonly memory: WebAssembly.Memory; readonly offset: number };
  isZero(page: number): boolean;
}
