import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { OutOfMemoryError } from "../errors/index.ts";
import type { BlockDevice } from "./block-device.ts";
import { Emulator, type EmulatorOptions } from "./emulator.ts";

const nothing = new Uint8Array(0);
const disk: BlockDevice = {
  byteLength: 0,
  readNow: () => nothing,
  read: async () => nothing,
  writeNow: () => true,
  write: async () => {},
};

const unheard: Omit<EmulatorOptions, "wasm" | "boot" | "memoryMb"> = {
  disk,
  linkPort: 1,
  turns: null,
  network: { maxMtu: 1500, attach() {}, receivePacket() {}, flush() {}, pause() {}, save: () => nothing, restore() {} },
  onConsole: () => {},
  onLink: () => {},
  onDiskError: () => {},
  onReset: () => {},
  onHalt: () => {},
};

const BIOS_BYTES = 128 * 1024;
/** The CPU begins there, 16 bytes before the end, and needs a jump to have room. */
const RESET_VECTOR = BIOS_BYTES - 16;
const CODE = BIOS_BYTES - 256;

/** Firmware that runs a program of 16-bit code, and nothing else. */
function firmware(program: string): Uint8Array<ArrayBuffer> {
  const bios = new Uint8Array(BIOS_BYTES);
  const distance = new Uint8Array(Int16Array.of(CODE - (RESET_VECTOR + 3)).buffer);
  bios.set([0xe9, ...distance], RESET_VECTOR);
  bios.set(Buffer.from(program.replaceAll(" ", ""), "hex"), CODE);
  return bios;
}

it("says so when the memory cannot be had, before anything is set up", async () => {
  // More than 32 bits can address: refused on every computer.
  const memoryMb = 5000;
  const error = await Emulator.create({
    wasm: new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)),
    boot: { bios: nothing, vgaBios: nothing, kernel: nothing, initrd: null, cmdline: "" },
    memoryMb,
    ...unheard,
  }).catch((e) => e);
  expect(error).toBeInstanceOf(OutOfMemoryError);
  expect(error.memoryMb).toBe(memoryMb);
});

it("does nothing more once the guest has asked for a reset: a kernel tries a triple fault next, which v86 does not survive", async () => {
  const v86 = dirname(createRequire(import.meta.url).resolve("v86"));
  // "<" to the serial port, 0xfe to the keyboard controller, then "!" to the serial port for ever.
  const bios = firmware("ba f803  b0 3c  ee  b0 fe  e6 64  b0 21  ee  eb fd");
  let text = "";
  let onReset = () => {};
  const reset = new Promise<void>((resolve) => {
    onReset = resolve;
  });
  const emulator = await Emulator.create({
    ...unheard,
    wasm: new WebAssembly.Module(readFileSync(join(v86, "v86.wasm"))),
    boot: { bios, vgaBios: new Uint8Array(32 * 1024), kernel: nothing, initrd: null, cmdline: "" },
    memoryMb: 16,
    onConsole: (piece) => {
      text += piece;
    },
    onReset,
  });
  emulator.run();
  await reset;
  // Two more slices, if there were any.
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(text).toBe("<");
});
