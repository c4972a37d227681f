import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createV86, receiveQueue, transmitQueue, type V86Disk, type V86Instance } from "./v86-contract.ts";

const build = dirname(createRequire(import.meta.url).resolve("v86"));

function emptyDisk(): V86Disk {
  const bytes = new Uint8Array(1024 * 1024);
  return {
    byteLength: bytes.length,
    onload: undefined,
    onprogress: undefined,
    load() {
      this.onload?.({});
    },
    get: (offset, length, callback) => callback(bytes.slice(offset, offset + length)),
    get_and_cache: (offset, length, callback) => callback(bytes.slice(offset, offset + length)),
    get_from_cache: (offset, length) => bytes.slice(offset, offset + length),
    set: (_offset, _data, callback) => callback(),
    get_buffer: (callback) => callback(undefined),
    get_state: () => [],
    set_state: () => {},
  };
}

describe("what we use of v86 without a promise is there", () => {
  let emulator: V86Instance;
  beforeAll(async () => {
    const wasm = new WebAssembly.Module(readFileSync(join(build, "v86.wasm")));
    emulator = createV86({
      wasm_fn: async (imports) => (await WebAssembly.instantiate(wasm, imports)).exports,
      memory_size: 64 * 2 ** 20,
      vga_memory_size: 512 * 1024,
      bios: { buffer: new ArrayBuffer(128 * 1024) },
      vga_bios: { buffer: new ArrayBuffer(32 * 1024) },
      bzimage: { buffer: kernelStub() },
      cmdline: "",
      hda: emptyDisk(),
      virtio_console: true,
      net_device: { type: "virtio" },
      autostart: false,
      disable_keyboard: true,
      disable_mouse: true,
      disable_speaker: true,
    });
    await new Promise<void>((resolve) => emulator.add_listener("emulator-loaded", () => resolve()));
  });

  it("the version is the one that was measured", () => {
    const manifest = JSON.parse(readFileSync(join(build, "../package.json"), "utf8"));
    expect(manifest.version).toMatch(/^0\.5\.462(\+|$)/);
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
