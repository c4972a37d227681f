import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { memoryOf, restoreMachine, saveDevices } from "./cpu-state.ts";
import { IdeDisk } from "./ide-disk.ts";
import { V86_VERSION } from "./state-version.ts";
import { createV86, receiveQueue, transmitQueue, type V86Instance } from "./v86-contract.ts";

const build = dirname(createRequire(import.meta.url).resolve("v86"));

function emptyDisk(): IdeDisk {
  const bytes = new Uint8Array(1024 * 1024);
  const readNow = (offset: number, length: number) => bytes.slice(offset, offset + length);
  return new IdeDisk(
    {
      byteLength: bytes.length,
      readNow,
      read: async (offset, length) => readNow(offset, length),
      writeNow: () => true,
      write: async () => {},
    },
    () => {},
    false,
  );
}

const wasm = new WebAssembly.Module(readFileSync(join(build, "v86.wasm")));

/** A PC that has not run; without a kernel it is one to restore into. */
async function makeV86(withKernel: boolean): Promise<V86Instance> {
  const emulator = createV86({
    wasm_fn: async (imports) => (await WebAssembly.instantiate(wasm, imports)).exports,
    memory_size: 64 * 2 ** 20,
    vga_memory_size: 512 * 1024,
    bios: { buffer: new Uint8Array(128 * 1024).fill(0x90).buffer },
    vga_bios: { buffer: new ArrayBuffer(32 * 1024) },
    ...(withKernel && { bzimage: { buffer: kernelStub() } }),
    cmdline: "",
    hda: emptyDisk(),
    virtio_console: true,
    net_device: { type: "virtio", mtu: 9000 },
    autostart: false,
    disable_keyboard: true,
    disable_mouse: true,
    disable_speaker: true,
  });
  await new Promise<void>((resolve) => emulator.add_listener("emulator-loaded", () => resolve()));
  return emulator;
}

describe("what we use of v86 without a promise is there", () => {
  let emulator: V86Instance;
  beforeAll(async () => {
    emulator = await makeV86(true);
  });

  it("the version is the one that was measured", () => {
    const manifest = JSON.parse(readFileSync(join(build, "../package.json"), "utf8"));
    expect(manifest.version.replace(/\+.*/, "")).toBe(V86_VERSION);
  });

  it("the queues of the link's port can be enlarged", () => {
    const { queues } = emulator.v86.cpu.devices.virtio_console.virtio;
    for (const number of [receiveQueue(1), transmitQueue(1)]) {
      const queue = queues[number];
      expect(queue).toBeDefined();
      if (!queue) continue;
      queue.size_supported = 128;
      queue.set_size(128);
      expect(queue.is_configured()).toBeFalsy();
      expect(queue.count_requests).toBeTypeOf("function");
    }
  });

  it("the network card's features can be added to, and its queues be served by others", () => {
    const { virtio } = emulator.v86.cpu.devices.virtio_net;
    // What v86 offers by itself: MTU, MAC, status, control queue, multiqueue, MAC by control, version 1.
    expect([virtio.device_feature[0], virtio.device_feature[1]]).toEqual([0x00c30028 | (1 << 22), 1]);
    virtio.device_feature[0] = (virtio.device_feature[0] ?? 0) | 1;
    virtio.driver_feature[0] = (virtio.driver_feature[0] ?? 0) | 1;
    expect([virtio.is_feature_negotiated(0), virtio.is_feature_negotiated(7)].map(Boolean)).toEqual([true, false]);
    const [receive, transmit] = virtio.queues;
    for (const queue of [receive, transmit]) {
      expect(queue?.is_configured()).toBeFalsy();
      expect(queue?.avail_last_idx).toBe(0);
      for (const method of ["has_request", "pop_request", "push_reply", "flush_replies", "count_requests"] as const)
        expect(queue?.[method], method).toBeTypeOf("function");
    }
    // Kicked by the guest, v86 asks for requests on the queue itself, where another answer can be put.
    const source = readFileSync(join(build, "libv86.mjs"), "utf8");
    expect(source).toMatch(/this\.virtio\.queues\[e\];for\(;f\.has_request\(\);\)\{const g=\s*f\.pop_request\(\)/);
  });

  it("control messages pass through a method that can be replaced", () => {
    const console = emulator.v86.cpu.devices.virtio_console;
    expect(console.SendEvent).toBeTypeOf("function");
    const seen: number[][] = [];
    console.SendEvent = (...args) => void seen.push(args);
    console.SendEvent(1, 4, 1);
    expect(seen).toEqual([[1, 4, 1]]);
  });

  it("the drive has the registers that an I/O error sets", () => {
    const drive = emulator.v86.cpu.devices.ide.primary.master;
    expect(drive.status_reg).toBeTypeOf("number");
    expect(drive.error_reg).toBeTypeOf("number");
    expect(drive.current_command).toBeTypeOf("number");
    expect(drive.channel.dma_status).toBeTypeOf("number");
    expect(drive.in_progress_io_ids).toBeInstanceOf(Map);
    expect(drive.push_irq).toBeTypeOf("function");
  });

  it("instructions are counted", () => {
    // A view that follows the growing memory: only its elements can be looked at.
    expect(emulator.v86.cpu.instruction_counter[0]).toBeTypeOf("number");
  });
});

describe("a state", () => {
  it("has no memory in it, and saving leaves the instance as it was", async () => {
    const { v86 } = await makeV86(true);
    const pack = v86.cpu.pack_memory;
    v86.cpu.mem8.subarray(0).fill(7, 2 ** 21, 2 ** 22);
    const devices = saveDevices({ v86 } as V86Instance);
    // What is left is mostly video memory, sector buffers and PCI spaces.
    expect(devices.byteLength).toBeLessThan(2 ** 21);
    expect(v86.cpu.pack_memory).toBe(pack);
  });

  it("without a kernel there is nothing in memory above the firmware", async () => {
    const memory = memoryOf(await makeV86(false));
    expect(memory.pages).toBe((64 * 2 ** 20) / 4096);
    for (let page = 256; page < memory.pages; page++) expect(memory.isZero(page)).toBe(true);
    expect(memory.isZero(255)).toBe(false);
  });

  it("v86 does not restore these registers by itself: they end up beside the emulator's memory", async () => {
    const saved = await makeV86(true);
    saved.v86.cpu.mxcsr[0] = 0x3f80;
    const state = saved.v86.save_state();
    const { v86 } = await makeV86(false);
    const view = v86.cpu.mxcsr;
    v86.restore_state(state);
    expect(view[0]).not.toBe(0x3f80);
  });

  it("comes back in a fresh instance: memory, registers that v86 forgets, queue sizes, the drive", async () => {
    const saved = await makeV86(true);
    const { cpu } = saved.v86;
    cpu.last_result[0] = 0x12345678;
    cpu.fpu_status_word[0] = 0x4100;
    cpu.mxcsr[0] = 0x3f80;
    for (const number of [receiveQueue(1), transmitQueue(1)]) {
      const queue = cpu.devices.virtio_console.virtio.queues[number];
      if (!queue) throw new Error("no queue");
      queue.size_supported = 128;
      queue.set_size(128);
    }
    const devices = saveDevices(saved);

    const fresh = await makeV86(false);
    const views = (["last_result", "fpu_status_word", "mxcsr"] as const).map((name) => fresh.v86.cpu[name]);
    const drive = fresh.v86.cpu.devices.ide.primary.master;
    restoreMachine(fresh, {
      devices,
      consoleInput: new Uint8Array(0),
      network: new Uint8Array(0),
      fillMemory: (memory) => memory.fill(5, 2 ** 21, 2 ** 21 + 4096),
    });
    expect(views.map((view) => view[0])).toEqual([0x12345678, 0x4100, 0x3f80]);
    expect(fresh.v86.cpu.mxcsr).toBe(views[2]);
    const memory = memoryOf(fresh);
    expect(memory.bytes()[2 ** 21 + 4095]).toBe(5);
    // The firmware of the instance is gone with the rest of its memory: the state has its own.
    expect(memory.isZero(255)).toBe(true);
    const queue = fresh.v86.cpu.devices.virtio_console.virtio.queues[receiveQueue(1)];
    expect(queue?.size_supported).toBe(128);
    // WHY: its accesses that fail are told to this one.
    expect(fresh.v86.cpu.devices.ide.primary.master).toBe(drive);
  });

  it("of another machine is refused", async () => {
    const { v86 } = await makeV86(false);
    expect(() => v86.restore_state(new ArrayBuffer(64))).toThrow();
  });
});

/** The least that v86 takes for a Linux kernel: the magic numbers of the boot protocol, and no code. */
function kernelStub(): ArrayBuffer {
  const bytes = new Uint8Array(64 * 1024);
  const view = new DataView(bytes.buffer);
  view.setUint8(0x1f1, 1);
  view.setUint16(0x1fe, 0xaa55, true);
  view.setUint32(0x202, 0x53726448, true);
  view.setUint16(0x206, 0x020c, true);
  view.setUint8(0x211, 1);
  return bytes.buffer;
}
