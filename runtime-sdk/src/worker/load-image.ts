import {
  ArtefactLoader,
  type BlockSource,
  ChunkSource,
  type ImageManifest,
  parseChunkTable,
  parseImageManifest,
} from "../disk/index.ts";
import { ArtefactDamagedError, InvalidOptionError } from "../errors/index.ts";
import type { WorkerPlatform } from "./run-machine.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** An image that is being loaded: what is known at once, and what arrives. */
export interface LoadingImage {
  /** SHA-256 in hex: of the manifest's image as a whole, else of the kernel. */
  readonly id: Promise<string>;
  readonly name: string;
  readonly cmdline: string;
  /** RAM in MiB when the caller asks for none. */
  readonly memoryMb: number;
  /** Bytes to fetch before the machine can start, where that is known. */
  readonly totalBytes: number | null;
  readonly kernel: Promise<Bytes>;
  readonly initrd: Promise<Bytes> | null;
  readonly bios: Promise<Bytes>;
  readonly vgaBios: Promise<Bytes>;
  readonly disk: Promise<BlockSource> | null;
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
  const { kernel, bios, vgaBios, disk } = manifest;
  return {
    id: Promise.resolve(manifest.id),
    name: manifest.name,
    cmdline: manifest.cmdline,
    memoryMb: manifest.memoryMb,
    totalBytes: [kernel, bios, vgaBios, disk.table, disk.workingSet].reduce((sum, file) => sum + file.size, 0),
    kernel: loader.loadFile(kernel, signal),
    initrd: null,
    bios: loader.loadFile(bios, signal),
    vgaBios: loader.loadFile(vgaBios, signal),
    disk: loadDisk(loader, manifest, options),
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
  const workingSet = loader.loadFile(disk.workingSet, signal);
  // A working set that cannot be had is no failure: see ChunkSource.prefetch.
  workingSet.catch(() => {});
  const bytes = await loader.loadFile(disk.table, signal);
  const table = parseChunkTable(bytes, disk.size / disk.chunkSize, loader.url(disk.table.file));
  const source = new ChunkSource({
    disk,
    table,
    loader,
    cache: platform.cache,
    ...(onChunk && { onFirstRead: onChunk }),
  });
  void source.prefetch(workingSet);
  return source;
}
