import { type StateRecord, unpackRecord } from "../bytes/index.ts";
import { CowDisk } from "../disk/index.ts";
import { ImageMismatchError, InvalidOptionError, serializeError, WasmUnavailableError } from "../errors/index.ts";
import { DEVICES, Emulator, type SavedState, type StartMessage, V86_VERSION } from "../machine/index.ts";
import { Batch } from "./batch.ts";
import { loadFiles } from "./load-files.ts";
import { type LoadingBase, type LoadingImage, type LoadingKernel, type LoadOptions, loadImage } from "./load-image.ts";
import { MachineState } from "./machine-state.ts";
import { ProgressReport } from "./progress-report.ts";
import type { SessionPort, WorkerPlatform } from "./run-machine.ts";

/** A machine that is set up. */
export interface Running {
  readonly emulator: Emulator;
  readonly disk: CowDisk | null;
  readonly state: MachineState;
  /** It was restored, and waits to be told to run. */
  readonly restored: boolean;
}

/** Number of the virtio console port that carries the guest link; the agent looks for the same one. */
const LINK_PORT = 1;
const MIB = 2 ** 20;
/** Where the emulator puts an initrd. */
const INITRD_MB = 64;

/** Sets the machine up that a message asks for: restored where there is something to go on from, otherwise with a kernel to boot. */
export async function startMachine(
  port: SessionPort,
  platform: WorkerPlatform,
  message: StartMessage,
  compile: (wasmUrl: string) => Promise<WebAssembly.Module>,
): Promise<Running> {
  if (typeof WebAssembly === "undefined") throw new WasmUnavailableError();
  const progress = new ProgressReport(port);
  // Both need nothing of the image, and take a while.
  const compiling = compile(message.wasmUrl);
  const unpacking = message.state && unpackState(message.state);
  unpacking?.catch(() => {});

  const image = await openImage(port, platform, message, progress);
  const memoryMb = message.memoryMb ?? image.memoryMb;
  const imageId = await image.id;
  if (message.imageId !== null && imageId !== message.imageId)
    throw new ImageMismatchError(image.name, message.imageId, imageId);

  const base = message.state ? null : usableBase(image.base, message, memoryMb);
  // A base that cannot be had is done without.
  const loadingBase = base?.load().catch(() => null);
  const restores = base !== null || message.state?.devices != null;
  progress.total = image.totalBytes(base ? "base" : restores ? "saved" : "kernel");
  // WHY not when it goes on: what a boot needs is in its memory, as far as it is still needed.
  const loadingKernel = restores ? null : image.kernel();
  const [wasm, bios, vgaBios, source] = await Promise.all([
    compiling,
    image.bios,
    image.vgaBios,
    image.disk(!restores),
    loadingKernel?.kernel,
    loadingKernel?.initrd,
  ]);

  const diskBytes = source ? diskSize(message.diskMb, source.diskSize) : 0;
  const disk = source && new CowDisk(source, diskBytes, message.blocks);
  if (message.blocks) disk?.markChanged();
  const make = (kernel: Kernel | null) =>
    createEmulator(port, { image, message, memoryMb, wasm, bios, vgaBios, disk, kernel });
  // WHY before the state is there: that it is unpacked, and this, go on side by side.
  const waiting = restores ? await make(null) : null;
  const from = (await unpacking) ?? (await loadingBase) ?? null;
  const state = await MachineState.read(from, memoryMb, diskBytes, message.state !== null);
  const blocks = state.takeBlocks();
  if (blocks) disk?.adopt(blocks);
  if (from && !message.state) disk?.markChanged();
  const shell = (from && base?.shell) ?? null;
  port.post({ type: "booting", memoryMb, diskBytes, imageId, imageName: image.name, shell });
  progress.stage("start");

  const restored = state.takeRestored();
  if (waiting && restored) {
    waiting.restore(restored);
    progress.stage("restore");
    return { emulator: waiting, disk, state, restored: true };
  }
  if (!loadingKernel) progress.total = image.totalBytes("kernel");
  const emulator = await make(await kernelOf(loadingKernel ?? image.kernel(), memoryMb));
  progress.stage("kernel");
  return { emulator, disk, state, restored: false };
}

interface Kernel {
  readonly kernel: Uint8Array<ArrayBuffer>;
  readonly initrd: Uint8Array<ArrayBuffer> | null;
}

interface Parts {
  readonly image: LoadingImage;
  readonly message: StartMessage;
  readonly memoryMb: number;
  readonly wasm: WebAssembly.Module;
  readonly bios: Uint8Array<ArrayBuffer>;
  readonly vgaBios: Uint8Array<ArrayBuffer>;
  readonly disk: CowDisk | null;
  /** Null for one that is restored. */
  readonly kernel: Kernel | null;
}

function createEmulator(
  port: SessionPort,
  { image, message, memoryMb, wasm, bios, vgaBios, disk, kernel }: Parts,
): Promise<Emulator> {
  const link = new Batch((bytes) => port.post({ type: "link", bytes }, [bytes.buffer]));
  return Emulator.create({
    wasm,
    bios,
    vgaBios,
    kernel: kernel?.kernel ?? null,
    initrd: kernel?.initrd ?? null,
    cmdline: [image.cmdline, message.kernelArgs].filter(Boolean).join(" "),
    memoryMb,
    disk,
    linkPort: LINK_PORT,
    onConsole: (text) => port.post({ type: "console", text }),
    onLink: (bytes) => link.add(bytes),
    onDiskError: (error) => port.post({ type: "disk-error", error: serializeError(error) }),
    onReset: () => port.post({ type: "reset" }),
    onHalt: () => port.post({ type: "halted" }),
  });
}

async function openImage(
  port: SessionPort,
  platform: WorkerPlatform,
  { image, traceChunks }: StartMessage,
  progress: ProgressReport,
): Promise<LoadingImage> {
  const options: LoadOptions = {
    platform,
    signal: new AbortController().signal,
    onBytes: (bytes) => progress.add(bytes),
    onChunk: traceChunks ? (index) => port.post({ type: "chunk", index }) : null,
  };
  return image.kind === "manifest" ? await loadImage(image.url, options) : loadFiles(image, options);
}

/** The state that the image brings along for new machines, if it fits this one. */
function usableBase(
  base: LoadingBase | null,
  { blocks, coldBoot, kernelArgs, diskMb }: StartMessage,
  memoryMb: number,
): LoadingBase | null {
  if (!base || coldBoot || blocks || kernelArgs !== "" || diskMb !== null) return null;
  const { guard } = base;
  return guard.v86 === V86_VERSION && guard.devices === DEVICES && guard.memoryMb === memoryMb ? base : null;
}

async function unpackState({ devices, memory, disk, firstSerial }: SavedState): Promise<SavedState> {
  const unpacked = async (record: StateRecord) => ({ ...record, gzip: false, bytes: await unpackRecord(record) });
  const all = async (records: readonly StateRecord[]) => {
    const result: StateRecord[] = [];
    // WHY one after the other: the packed ones can be let go of meanwhile.
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

/** @throws InvalidOptionError for an initrd that does not fit. */
async function kernelOf(loading: LoadingKernel, memoryMb: number): Promise<Kernel> {
  const [kernel, initrd] = await Promise.all([loading.kernel, loading.initrd]);
  if (initrd && memoryMb * MIB < INITRD_MB * MIB + initrd.byteLength)
    throw new InvalidOptionError(
      "memoryMb",
      `must be over ${INITRD_MB + Math.ceil(initrd.byteLength / MIB)} for this initrd`,
    );
  return { kernel, initrd };
}

/** @throws InvalidOptionError for a disk that is smaller than its image. */
function diskSize(wantedMb: number | null, imageBytes: number): number {
  if (wantedMb === null) return imageBytes;
  if (wantedMb * MIB < imageBytes)
    throw new InvalidOptionError("diskMb", `must be at least ${Math.ceil(imageBytes / MIB)}, the size of the image`);
  return wantedMb * MIB;
}
