import type { DeviceState, GuestMemory, RestoredState } from "./machine-state.ts";
import { PAGE_SIZE } from "./machine-state.ts";
import type { PackedMemory, V86Instance } from "./v86-contract.ts";

/** Registers that v86 saves but does not restore. */
const FORGOTTEN = ["last_result", "fpu_status_word", "mxcsr"] as const;
/** Below this a new instance has its firmware in memory; above it all is zero, as no kernel is given to it. */
const FIRMWARE_END = 2 ** 20;
const NO_MEMORY: PackedMemory = { packed_memory: new Uint8Array(0), bitmap: { get_buffer: () => new ArrayBuffer(0) } };

/** Saves registers and devices without the memory. Call between two slices of the CPU, with no disk access under way. */
export function saveDevices({ v86 }: V86Instance): DeviceState["devices"] {
  const { cpu } = v86;
  const pack = cpu.pack_memory;
  cpu.pack_memory = () => NO_MEMORY;
  try {
    return new Uint8Array(v86.save_state());
  } finally {
    cpu.pack_memory = pack;
  }
}

/** Restores a saved machine into an instance that was made without a kernel and has not run. */
export function restoreMachine({ v86 }: V86Instance, state: RestoredState): void {
  const { cpu } = v86;
  const views = FORGOTTEN.map((name) => cpu[name]);
  const unpack = cpu.unpack_memory;
  cpu.unpack_memory = () => {
    const memory = cpu.mem8.subarray(0);
    memory.fill(0, 0, FIRMWARE_END);
    state.fillMemory(memory);
  };
  v86.restore_state(state.devices.slice().buffer);
  cpu.unpack_memory = unpack;
  for (const [i, name] of FORGOTTEN.entries()) {
    const view = views[i];
    const value = cpu[name][0];
    if (!view || value === undefined) throw new Error(`the saved state has no ${name}`);
    view[0] = value;
    cpu[name] = view;
  }
}

export function memoryOf({ v86 }: V86Instance): GuestMemory {
  const { cpu } = v86;
  return {
    pages: cpu.mem8.length / PAGE_SIZE,
    bytes: () => cpu.mem8.subarray(0),
    wasm: { memory: cpu.wasm_memory, offset: cpu.mem8.subarray(0).byteOffset },
    isZero: (page) => Boolean(cpu.is_memory_zeroed(page * PAGE_SIZE, PAGE_SIZE)),
  };
}
