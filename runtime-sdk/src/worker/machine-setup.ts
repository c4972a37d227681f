import { CowDisk } from "../disk/index.ts";
import { InvalidOptionError, serializeError, WasmUnavailableError } from "../errors/index.ts";
import { type BootFiles, Emulator, type PrepareMessage, type Turns } from "../machine/index.ts";
import { Gateway } from "../net/index.ts";
import { Batch } from "./batch.ts";
import { compileWasm } from "./compile-wasm.ts";
import { loadFiles } from "./load-files.ts";
import { type LoadingImage, type LoadOptions, loadImage } from "./load-image.ts";
import { ProgressReport } from "./progress-report.ts";
import type { SessionPort, WorkerPlatform } from "./run-machine.ts";

/** What a machine is made of before it is known whether it boots or goes on. */
export interface Hardware {
  readonly image: LoadingImage;
  readonly memoryMb: number;
  readonly disk: CowDisk | null;
  /** Bytes, 0 for none. */
  readonly diskBytes: number;
  /** Makes the emulator; for one that is restored without a kernel. */
  readonly emulator: (kernel: BootFiles | null) => Promise<NetworkedEmulator>;
}

/** An emulator and what its network card leads to. */
export interface NetworkedEmulator {
  readonly emulator: Emulator;
  readonly gateway: Gateway;
}

type Settings = Omit<PrepareMessage, "type" | "restores">;
type Sizes = Pick<Settings, "memoryMb" | "diskMb">;

/** Number of the virtio console port that carries the guest link; the agent looks for the same one. */
const LINK_PORT = 1;
const MIB = 2 ** 20;

/** Gets ready what every machine of an image needs. */
export class MachineSetup {
  readonly progress: ProgressReport;
  readonly image: Promise<LoadingImage>;
  readonly #port: SessionPort;
  readonly #turns: (() => Turns) | null;
  readonly #platform: WorkerPlatform;
  readonly #settings: Settings;
  readonly #wasm: Promise<WebAssembly.Module>;
  /** By sizes. WHY not only one: what is prepared may have other sizes than the machine that is started then. */
  readonly #hardware = new Map<string, Promise<Hardware>>();
  readonly #bare = new Map<Hardware, Promise<NetworkedEmulator>>();

  constructor(port: SessionPort, platform: WorkerPlatform, settings: Settings) {
    this.#port = port;
    this.#turns = platform.turns;
    this.#platform = platform;
    this.#settings = settings;
    this.progress = new ProgressReport(port);
    // Both at once: compiling takes a while.
    this.#wasm = typeof WebAssembly === "undefined" ? noWasm() : compileWasm(platform, settings.wasmUrl);
    this.image = openImage(port, platform, settings, this.progress);
    // Looked at when the machine is started.
    this.#wasm.catch(() => {});
    this.image.catch(() => {});
  }

  /** Whether this is what a machine with these settings needs, as far as that is known before the image is. */
  isFor({ image, traceChunks, wasmUrl }: Settings): boolean {
    const own = this.#settings;
    return (
      image.kind === "manifest" &&
      own.image.kind === "manifest" &&
      image.url === own.image.url &&
      traceChunks === own.traceChunks &&
      wasmUrl === own.wasmUrl
    );
  }

  /** Goes as far as it can. `restores`: it will need no kernel. */
  prepare(restores: boolean): void {
    const done: Promise<unknown> = restores ? this.bareEmulator(this.#settings) : this.hardware(this.#settings);
    done.catch(() => {});
  }

  /** An emulator without a kernel, to be restored, once; it has the disk of the `hardware` of the same settings. */
  async bareEmulator(settings: Sizes): Promise<NetworkedEmulator> {
    const hardware = await this.hardware(settings);
    const bare = this.#bare.get(hardware) ?? hardware.emulator(null);
    this.#bare.set(hardware, bare);
    return bare;
  }

  /** The same for the same sizes. @throws InvalidOptionError for a disk that is smaller than its image. */
  async hardware({ memoryMb, diskMb }: Sizes): Promise<Hardware> {
    const image = await this.image;
    const source = await image.disk;
    const sizes = `${memoryMb ?? image.memoryMb} ${diskMb ?? (source?.diskSize ?? 0) / MIB}`;
    const hardware = this.#hardware.get(sizes) ?? this.#assemble({ memoryMb, diskMb });
    this.#hardware.set(sizes, hardware);
    return hardware;
  }

  async #assemble(settings: Sizes): Promise<Hardware> {
    const image = await this.image;
    const [wasm, source] = await Promise.all([this.#wasm, image.disk]);
    const memoryMb = settings.memoryMb ?? image.memoryMb;
    const diskBytes = source ? diskSize(settings.diskMb, source.diskSize) : 0;
    const disk = source && new CowDisk(source, diskBytes);
    const port = this.#port;
    const { openSocket } = this.#platform;
    const emulator = async (kernel: BootFiles | null) => {
      const gateway = new Gateway({
        post: (message, transfer) => port.post({ type: "network", message }, transfer),
        openSocket,
      });
      const link = new Batch((bytes) => port.post({ type: "link", bytes }, [bytes.buffer]));
      const made = await Emulator.create({
        wasm,
        boot: kernel,
        memoryMb,
        disk,
        linkPort: LINK_PORT,
        turns: this.#turns?.() ?? null,
        network: gateway,
        onConsole: (text) => port.post({ type: "console", text }),
        onLink: (bytes) => link.add(bytes),
        onDiskError: (error) => port.post({ type: "disk-error", error: serializeError(error) }),
        onReset: () => port.post({ type: "reset" }),
        onHalt: () => port.post({ type: "halted" }),
      });
      return { emulator: made, gateway };
    };
    return { image, memoryMb, disk, diskBytes, emulator };
  }
}

async function noWasm(): Promise<never> {
  throw new WasmUnavailableError();
}

async function openImage(
  port: SessionPort,
  platform: WorkerPlatform,
  { image, traceChunks }: Settings,
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

/** @throws InvalidOptionError for a disk that is smaller than its image. */
function diskSize(wantedMb: number | null, imageBytes: number): number {
  if (wantedMb === null) return imageBytes;
  if (wantedMb * MIB < imageBytes)
    throw new InvalidOptionError("diskMb", `must be at least ${Math.ceil(imageBytes / MIB)}, the size of the image`);
  return wantedMb * MIB;
}
