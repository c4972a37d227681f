import type { StateRecord } from "../bytes/index.ts";
import {
  ArtefactLoader,
  type BaseShell,
  type BaseState,
  type BlockSource,
  ChunkSource,
  type ImageManifest,
  LateSource,
  parseChunkTable,
  parseImageManifest,
  type StateFile,
} from "../disk/index.ts";
import { ArtefactDamagedError, InvalidOptionError } from "../errors/index.ts";
import type { SavedState } from "../machine/index.ts";
import type { WorkerPlatform } from "./run-machine.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An image that is being loaded: what is known at once, and what can be had. */
export interface LoadingImage {
  /** SHA-256 in hex: of the manifest's image as a whole, else of the kernel. */
  readonly id: Promise<string>;
  readonly name: string;
  readonly cmdline: string;
  /** RAM in MiB when the caller asks for none. */
  readonly memoryMb: number;
  /** What a new machine can go on from instead of booting. */
  readonly base: LoadingBase | null;
  /** Loads what only a boot needs. To be called once. Rejects, too, when the disk cannot be had. */
  readonly kernel: () => LoadingKernel;
  /** Null: there is none. */
  readonly disk: Promise<BlockSource> | null;
  /** Bytes to fetch before the machine can start, where that is known. */
  readonly totalBytes: (from: "kernel" | "base" | "saved") => number | null;
}

export interface LoadingKernel {
  readonly bios: Promise<Bytes>;
  readonly vgaBios: Promise<Bytes>;
  readonly kernel: Promise<Bytes>;
  readonly initrd: Promise<Bytes> | null;
  /** Done when the disk is there; what a boot reads of it may still be on its way. */
  readonly disk: Promise<unknown>;
}

/** A machine of the image that has booted. */
export interface LoadingBase {
  readonly guard: Pick<BaseState, "v86" | "devices" | "memoryMb">;
  readonly shell: BaseShell | null;
  readonly load: () => Promise<SavedState>;
}

export interface LoadOptions {
  readonly platform: WorkerPlatform;
  readonly signal: AbortSignal;
  readonly onBytes: (bytes: number) => void;
  /** Called for each chunk of the disk at its first read. */
  readonly onChunk: ((index: number) => void) | null;
}

/** Loads an image by its manifest. @throws ArtefactMissingError, ArtefactDamagedError */
export async function loadImage(url: string, options: LoadOptions): Promise<LoadingImage> {
  const { platform, signal, onBytes } = options;
  const loader = new ArtefactLoader({
    manifestUrl: url,
    transport: platform.transport,
    onBytes: (_file, bytes) => onBytes(bytes),
  });
  const manifest = await loadManifest(loader, url, signal);
  const { kernel, bios, vgaBios, disk, base } = manifest;
  const source = new LateSource({ chunkSize: disk.chunkSize, diskSize: disk.size }, () =>
    loadDisk(loader, manifest, options),
  );
  return {
    id: Promise.resolve(manifest.id),
    name: manifest.name,
    cmdline: manifest.cmdline,
    memoryMb: manifest.memoryMb,
    base: base && { guard: base, shell: base.shell, load: () => loadBase(loader, base, signal) },
    kernel: () => {
      const workingSet = loader.loadFile(disk.workingSet, signal);
      // A working set that cannot be had is no failure: see ChunkSource.prefetch.
      workingSet.catch(() => {});
      return {
        bios: loader.loadFile(bios, signal),
        vgaBios: loader.loadFile(vgaBios, signal),
        kernel: loader.loadFile(kernel, signal),
        initrd: null,
        disk: source.open().then((chunks) => void chunks.prefetch(workingSet)),
      };
    },
    disk: Promise.resolve(source),
    totalBytes: (from) => {
      const files = {
        kernel: [bios, vgaBios, disk.table, kernel, disk.workingSet],
        base: base ? filesOf(base) : [],
        saved: [],
      }[from];
      return files.length > 0 ? files.reduce((sum, file) => sum + file.size, 0) : null;
    },
  };
}

async function loadManifest(loader: ArtefactLoader, url: string, signal: AbortSignal): Promise<ImageManifest> {
  const json = await loader.loadManifest(signal);
  try {
    return parseImageManifest(json);
  } catch (cause) {
    const problem = cause instanceof InvalidOptionError ? cause.message : String(cause);
    throw new ArtefactDamagedError(url, "an image manifest", problem, cause);
  }
}

async function loadDisk(
  loader: ArtefactLoader,
  manifest: ImageManifest,
  { platform, signal, onChunk }: LoadOptions,
): Promise<ChunkSource> {
  const { disk } = manifest;
  const bytes = await loader.loadFile(disk.table, signal);
  const table = parseChunkTable(bytes, disk.size / disk.chunkSize, loader.url(disk.table.file));
  return new ChunkSource({
    disk,
    table,
    loader,
    cache: platform.cache,
    ...(onChunk && { onFirstRead: onChunk }),
  });
}

function filesOf({ records: { devices, memory, disk } }: BaseState): StateFile[] {
  return [devices, ...memory, ...disk];
}

async function loadBase(loader: ArtefactLoader, base: BaseState, signal: AbortSignal): Promise<SavedState> {
  const record = async (file: StateFile): Promise<StateRecord> => ({
    serial: 0,
    rawBytes: file.rawBytes,
    gzip: false,
    bytes: await loader.loadUnpacked(file, signal),
  });
  const { devices, memory, disk } = base.records;
  const [first, memoryRecords, diskRecords] = await Promise.all([
    record(devices),
    Promise.all(memory.map(record)),
    Promise.all(disk.map(record)),
  ]);
  return { devices: first, memory: memoryRecords, disk: diskRecords, firstSerial: 1 };
}
