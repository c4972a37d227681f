import { type StateRecord, unpackRecord } from "../bytes/index.ts";
import type { CowDisk } from "../disk/index.ts";
import { ImageMismatchError, InvalidOptionError } from "../errors/index.ts";
import {
  type BootFiles,
  DEVICES,
  type Emulator,
  type SavedState,
  type StartMessage,
  V86_VERSION,
} from "../machine/index.ts";
import type { Gateway } from "../net/index.ts";
import type { LoadingBase, LoadingImage } from "./load-image.ts";
import type { MachineSetup } from "./machine-setup.ts";
import { MachineState } from "./machine-state.ts";
import type { SessionPort } from "./run-machine.ts";

/** A machine that is set up. */
export interface Running {
  readonly emulator: Emulator;
  readonly gateway: Gateway;
  readonly disk: CowDisk | null;
  readonly state: MachineState;
  /** It was restored, and waits to be told to run. */
  readonly restored: boolean;
}

const MIB = 2 ** 20;
/** Where the emulator puts an initrd. */
const INITRD_MB = 64;

/** Makes the machine that a message asks for: restored where there is something to go on from, otherwise with a kernel to boot. */
export async function startMachine(port: SessionPort, setup: MachineSetup, message: StartMessage): Promise<Running> {
  const { progress } = setup;
  const image = await setup.image;
  const imageId = await image.id;
  if (message.imageId !== null && imageId !== message.imageId)
    throw new ImageMismatchError(image.name, message.imageId, imageId);

  const base = message.state ? null : usableBase(image, message);
  // A base that cannot be had is done without.
  const loadingBase = base?.load().catch(() => null);
  const restores = base !== null || message.state?.devices != null;
  progress.expect(image.totalBytes(base ? "base" : restores ? "saved" : "kernel"));
  const loadingKernel = restores ? null : loadKernel(image, message);
  loadingKernel?.catch(() => {});
  // WHY before the state is unpacked: that keeps this thread busy, and others compile and load meanwhile.
  const waiting = restores ? setup.bareEmulator(message) : null;
  waiting?.catch(() => {});
  const from = message.state ? await unpackState(message.state) : ((await loadingBase) ?? null);

  const { memoryMb, disk, diskBytes, emulator: make } = await setup.hardware(message);
  const state = await MachineState.read(from, memoryMb, diskBytes, message.state !== null);
  const blocks = message.blocks ?? state.takeBlocks();
  if (blocks) disk?.adopt(blocks);
  // Otherwise they are in the store already, in packs that are known here.
  if (message.blocks || !message.state) disk?.markChanged();
  const shell = (from && base?.shell) ?? null;
  port.post({ type: "booting", memoryMb, diskBytes, imageId, imageName: image.name, shell });

  const restored = state.takeRestored();
  if (waiting && restored) {
    progress.stage("start");
    const { emulator, gateway } = await waiting;
    emulator.restore(restored);
    gateway.receive({ type: "relay", relay: message.relay });
    progress.stage("restore");
    return { emulator, gateway, disk, state, restored: true };
  }
  if (!loadingKernel) progress.expect(image.totalBytes("kernel"));
  const kernel = fitting(await (loadingKernel ?? loadKernel(image, message)), memoryMb);
  progress.stage("start");
  const { emulator, gateway } = await make(kernel);
  gateway.receive({ type: "relay", relay: message.relay });
  progress.stage("kernel");
  return { emulator, gateway, disk, state, restored: false };
}

/** The state that the image brings along for new machines, if it fits this one. */
function usableBase(
  { base, memoryMb: usualMb }: LoadingImage,
  { blocks, coldBoot, kernelArgs, diskMb, memoryMb }: StartMessage,
): LoadingBase | null {
  if (!base || coldBoot || blocks || kernelArgs !== "" || diskMb !== null) return null;
  const { guard } = base;
  const fits = guard.v86 === V86_VERSION && guard.devices === DEVICES && guard.memoryMb === (memoryMb ?? usualMb);
  return fits ? base : null;
}

async function unpackState({ devices, memory, disk, firstSerial }: SavedState): Promise<SavedState> {
  const unpacked = async (record: StateRecord) => ({ ...record, gzip: false, bytes: await unpackRecord(record) });
  const all = async (records: readonly StateRecord[]) => {
    const result: StateRecord[] = [];
    for (const record of records) result.push(await unpacked(record));
    return result;
  };
  return {
    devices: devices && (await unpacked(devices)),
    memory: await all(memory),
    disk: await all(disk),
    firstSerial,
  };
}

async function loadKernel(image: LoadingImage, { kernelArgs }: StartMessage): Promise<BootFiles> {
  const loading = image.kernel();
  const [bios, vgaBios, kernel, initrd] = await Promise.all([
    loading.bios,
    loading.vgaBios,
    loading.kernel,
    loading.initrd,
    loading.disk,
  ]);
  return { bios, vgaBios, kernel, initrd, cmdline: [image.cmdline, kernelArgs].filter(Boolean).join(" ") };
}

/** @throws InvalidOptionError for an initrd that does not fit into the memory. */
function fitting(kernel: BootFiles, memoryMb: number): BootFiles {
  const { initrd } = kernel;
  if (initrd && memoryMb * MIB < INITRD_MB * MIB + initrd.byteLength)
    throw new InvalidOptionError(
      "memoryMb",
      `must be over ${INITRD_MB + Math.ceil(initrd.byteLength / MIB)} for this initrd`,
    );
  return kernel;
}
