import { expect, it } from "vitest";
import { OutOfMemoryError } from "../errors/index.ts";
import type { BlockDevice } from "./block-device.ts";
import { Emulator } from "./emulator.ts";

const nothing = new Uint8Array(0);
const disk: BlockDevice = {
  byteLength: 0,
  readNow: () => nothing,
  read: async () => nothing,
  writeNow: () => true,
  write: async () => {},
};

it("says so when the memory cannot be had, before anything is set up", async () => {
  // More than 32 bits can address: refused on every computer.
  const memoryMb = 5000;
  const error = await Emulator.create({
    wasm: new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)),
    boot: { bios: nothing, vgaBios: nothing, kernel: nothing, initrd: null, cmdline: "" },
    memoryMb,
    disk,
    linkPort: 1,
    turns: null,
    network: { attach() {}, receivePacket() {}, flush() {}, pause() {}, save: () => nothing, restore() {} },
    onConsole: () => {},
    onLink: () => {},
    onDiskError: () => {},
    onReset: () => {},
    onHalt: () => {},
  }).catch((e) => e);
  expect(error).toBeInstanceOf(OutOfMemoryError);
  expect(error.memoryMb).toBe(memoryMb);
});
