import type { ChunkCache } from "../disk/index.ts";
import { CowDisk, type Transport } from "../disk/index.ts";
import {
  EmulatorCrashedError,
  ImageMismatchError,
  InvalidOptionError,
  serializeError,
  WasmUnavailableError,
} from "../errors/index.ts";
import {
  type CaptureMessage,
  DEVICES,
  Emulator,
  type FromWorker,
  type SavedState,
  type StartMessage,
  type ToWorker,
  V86_VERSION,
} from "../machine/index.ts";
import { Batch } from "./batch.ts";
import { compileWasm } from "./compile-wasm.ts";
import { loadFiles } from "./load-files.ts";
import { type LoadingImage, type LoadOptions, loadImage } from "./load-image.ts";
import { MachineState } from "./machine-state.ts";
import { ProgressReport } from "./progress-report.ts";

/** The thread's end of the channel to the session. */
export interface SessionPort {
  post(message: FromWorker, transfer?: ArrayBufferLike[]): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

/** What differs between a browser's worker and Node's. */
export interface WorkerPlatform {
  readonly transport: Transport;
  readonly cache: ChunkCache | null;
  /** Gets v86.wasm. A Response lets it be compiled while it arrives. */
  fetchWasm(url: string): Promise<Response | Uint8Array<ArrayBuffer>>;
}

/** Number of the virtio console port that carries the guest link; the agent looks for the same one. */
const LINK_PORT = 1;
const MIB = 2 ** 20;
/** Where the emulator puts an initrd. */
const INITRD_MB = 64;

interface Running {
  readonly emulator: Emulator;
  readonly disk: CowDisk | null;
  readonly state: MachineState;
  /** It was restored, and waits to be told to run. */
  readonly restored: boolean;
}

/** Runs one machine in this thread: waits for `start`, boots, then carries bytes until the thread is ended. */
export function runMachine(port: SessionPort, platform: WorkerPlatform): void {
  let machine: Running | null = null;
  port.onMessage((message) => {
    switch (message.type) {
      case "start":
        start(port, platform, message).then(
          (started) => {
            machine = started;
            // WHY: what the session has to tell a restored guest must be there before it runs.
            if (machine.restored) port.post({ type: "restored" });
            else machine.emulator.run();
          },
          (error) => port.post({ type: "failed", error: serializeError(error) }),
        );
        return;
      case "link":
        machine?.emulator.sendLink(message.bytes);
        return;
      case "console":
        machine?.emulator.sendConsole(message.bytes);
        return;
      case "pause":
        if (message.paused) machine?.emulator.stop();
        else machine?.emulator.run();
        port.post({ type: "paused", paused: message.paused });
        return;
      case "take-disk":
        takeDisk(port, machine);
        return;
      case "capture":
        void capture(port, machine, message);
        return;
      case "settle":
        machine?.state.settle(message.stored);
        return;
      case "ping":
        port.post({
          type: "pong",
          beat: message.beat,
          figures: { instructions: machine?.emulator.instructions ?? 0, ownBlocks: machine?.disk?.ownBlocks ?? 0 },
        });
        return;
    }
  });
}

function takeDisk(port: SessionPort, machine: Running | null): void {
  machine?.emulator.stop();
  try {
    const blocks = machine?.disk?.take() ?? { numbers: new Uint32Array(0), bytes: new Uint8Array(0) };
    port.post({ type: "disk", blocks }, [blocks.numbers.buffer, blocks.bytes.buffer]);
  } catch (error) {
    port.post({ type: "failed", error: serializeError(error) });
  }
}

async function capture(port: SessionPort, machine: Running | null, message: CaptureMessage): Promise<void> {
  const { id, whole, timeoutMs } = message;
  try {
    if (!machine) throw new EmulatorCrashedError("there is no machine to capture yet");
    const { emulator, disk, state } = machine;
    const capture = await (whole ? state.copy(emulator, disk, timeoutMs) : state.commit(emulator, disk, timeoutMs));
    const records = [capture.devices, ...capture.memory, ...capture.disk];
    port.post(
      { type: "captured", id, capture },
      records.map(({ bytes }) => bytes.buffer),
    );
  } catch (error) {
    if (!whole) machine?.state.settle(false);
    port.post({ type: "capture-failed", id, error: serializeError(error) });
  }
}

async function start(port: SessionPort, platform: WorkerPlatform, message: StartMessage): Promise<Running> {
  if (typeof WebAssembly === "undefined") throw new WasmUnavailableError();
  const progress = new ProgressReport(port);
  const options: LoadOptions = {
    platform,
    signal: new AbortController().signal,
    onBytes: (bytes) => progress.add(bytes),
    onChunk: message.traceChunks ? (index) => port.post({ type: "chunk", index }) : null,
  };
  // Needs nothing of the image, and compiling takes a while: it starts first.
  const compiling = compileWasm(platform, message.wasmUrl);
  compiling.catch(() => {});
  const { image: reference, state: saved } = message;
  const image = reference.kind === "manifest" ? await loadImage(reference.url, options) : loadFiles(reference, options);
  const memoryMb = message.memoryMb ?? image.memoryMb;
  const imageId = await image.id;
  if (message.imageId !== null && imageId !== message.imageId)
    throw new ImageMismatchError(image.name, message.imageId, imageId);
  const base = saved ? null : await usableBase(image, message, memoryMb, progress);
  const from = saved ?? base;
  const warm = from?.devices != null;
  progress.total = image.totalBytes(base ? "base" : warm ? "saved" : "kernel");
  // WHY not when it goes on: they are in its memory, as far as they are still needed.
  const loading = warm ? null : image.kernel();
  const [wasm, kernel, initrd, bios, vgaBios, source] = await Promise.all([
    compiling,
    loading?.kernel ?? null,
    loading?.initrd ?? null,
    image.bios,
    image.vgaBios,
    image.disk(!warm),
  ]);
  if (initrd && memoryMb * MIB < INITRD_MB * MIB + initrd.byteLength)
    throw new InvalidOptionError(
      "memoryMb",
      `must be over ${INITRD_MB + Math.ceil(initrd.byteLength / MIB)} for this initrd`,
    );
  const diskBytes = source ? diskSize(message.diskMb, source.diskSize) : 0;
  const state = await MachineState.read(from, memoryMb, diskBytes, saved !== null);
  const disk = source && new CowDisk(source, diskBytes, message.blocks ?? state.takeBlocks());
  if (message.blocks || base) disk?.markChanged();
  port.post({ type: "booting", memoryMb, diskBytes, imageId, imageName: image.name });
  progress.stage("start");
  const link = new Batch((bytes) => port.post({ type: "link", bytes }, [bytes.buffer]));
  const emulator = await Emulator.create({
    wasm,
    bios,
    vgaBios,
    kernel,
    initrd,
    cmdline: [image.cmdline, message.kernelArgs].filter(Boolean).join(" "),
    memoryMb,
    disk,
    state: state.takeRestored(),
    linkPort: LINK_PORT,
    onConsole: (text) => port.post({ type: "console", text }),
    onLink: (bytes) => link.add(bytes),
    onDiskError: (error) => port.post({ type: "disk-error", error: serializeError(error) }),
    onReset: () => port.post({ type: "reset" }),
    onHalt: () => port.post({ type: "halted" }),
  });
  progress.stage(warm ? "restore" : "kernel");
  return { emulator, disk, state, restored: warm };
}

/** The state that the image brings along for new machines, if it fits this one and can be had: otherwise the machine boots. */
async function usableBase(
  { base, totalBytes }: LoadingImage,
  { blocks, coldBoot, kernelArgs, diskMb }: StartMessage,
  memoryMb: number,
  progress: ProgressReport,
): Promise<SavedState | null> {
  if (!base || coldBoot || blocks || kernelArgs !== "" || diskMb !== null) return null;
  const { guard, load } = base;
  if (guard.v86 !== V86_VERSION || guard.devices !== DEVICES || guard.memoryMb !== memoryMb) return null;
  progress.total = totalBytes("base");
  return load().catch(() => null);
}

/** @throws InvalidOptionError for a disk that is smaller than its image. */
function diskSize(wantedMb: number | null, imageBytes: number): number {
  if (wantedMb === null) return imageBytes;
  if (wantedMb * MIB < imageBytes)
    throw new InvalidOptionError("diskMb", `must be at least ${Math.ceil(imageBytes / MIB)}, the size of the image`);
  return wantedMb * MIB;
}
