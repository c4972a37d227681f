import {
  ArtefactLoader,
  type ChunkCache,
  ChunkSource,
  CowDisk,
  type ImageManifest,
  parseChunkTable,
  parseImageManifest,
  type Transport,
} from "../disk/index.ts";
import {
  ArtefactDamagedError,
  ArtefactMissingError,
  InvalidOptionError,
  serializeError,
  WasmUnavailableError,
} from "../errors/index.ts";
import { type BootStage, Emulator, type FromWorker, type StartMessage, type ToWorker } from "../machine/index.ts";
import { Batch } from "./batch.ts";

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

/** Runs one machine in this thread: waits for `start`, boots, then carries bytes until the thread is ended. */
export function runMachine(port: SessionPort, platform: WorkerPlatform): void {
  let emulator: Emulator | null = null;
  let disk: CowDisk | null = null;
  port.onMessage((message) => {
    switch (message.type) {
      case "start":
        start(port, platform, message).then(
          (machine) => {
            emulator = machine.emulator;
            disk = machine.disk;
            emulator.run();
          },
          (error) => port.post({ type: "failed", error: serializeError(error) }),
        );
        return;
      case "link":
        emulator?.sendLink(message.bytes);
        return;
      case "ping":
        port.post({
          type: "pong",
          beat: message.beat,
          figures: { instructions: emulator?.instructions ?? 0, ownBlocks: disk?.ownBlocks ?? 0 },
        });
        return;
    }
  });
}

async function start(port: SessionPort, platform: WorkerPlatform, message: StartMessage) {
  if (typeof WebAssembly === "undefined") throw new WasmUnavailableError();
  const signal = new AbortController().signal;
  const progress = new ProgressReport(port);
  const loader = new ArtefactLoader({
    manifestUrl: message.manifestUrl,
    transport: platform.transport,
    onBytes: (_file, bytes) => progress.add(bytes),
  });
  // Needs nothing of the manifest, and compiling takes a while: it starts first.
  const compiling = compileWasm(platform, message.wasmUrl);
  compiling.catch(() => {});
  const manifest = await loadManifest(loader, message.manifestUrl, signal);
  const memoryMb = message.memoryMb ?? manifest.memoryMb;
  port.post({ type: "booting", memoryMb, imageId: manifest.id, imageName: manifest.name });
  progress.total = [
    manifest.kernel,
    manifest.bios,
    manifest.vgaBios,
    manifest.disk.table,
    manifest.disk.workingSet,
  ].reduce((sum, file) => sum + file.size, 0);

  const source = loadDisk(loader, platform.cache, manifest, message.traceChunks ? port : null, signal);
  const [wasm, kernel, bios, vgaBios, chunks] = await Promise.all([
    compiling,
    loader.loadFile(manifest.kernel, signal),
    loader.loadFile(manifest.bios, signal),
    loader.loadFile(manifest.vgaBios, signal),
    source,
  ]);
  progress.stage("start");
  const disk = new CowDisk(chunks);
  const link = new Batch((bytes) => port.post({ type: "link", bytes }, [bytes.buffer]));
  const emulator = await Emulator.create({
    wasm,
    bios,
    vgaBios,
    kernel,
    cmdline: [manifest.cmdline, message.kernelArgs].filter(Boolean).join(" "),
    memoryMb,
    disk,
    linkPort: LINK_PORT,
    onConsole: (text) => port.post({ type: "console", text }),
    onLink: (bytes) => link.add(bytes),
    onDiskError: (error) => port.post({ type: "disk-error", error: serializeError(error) }),
  });
  progress.stage("kernel");
  return { emulator, disk };
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
  cache: ChunkCache | null,
  manifest: ImageManifest,
  trace: SessionPort | null,
  signal: AbortSignal,
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
    cache,
    ...(trace && { onFirstRead: (index: number) => trace.post({ type: "chunk", index }) }),
  });
  void source.prefetch(workingSet);
  return source;
}

/** Sends the bytes that have arrived, at most every 50 ms, and each change of stage. */
class ProgressReport {
  total: number | null = null;
  readonly #port: SessionPort;
  #loaded = 0;
  #stage: BootStage = "download";
  #sentAt = 0;

  constructor(port: SessionPort) {
    this.#port = port;
  }

  add(bytes: number): void {
    this.#loaded += bytes;
    const now = performance.now();
    if (now - this.#sentAt < 50 && this.#loaded !== this.total) return;
    this.#sentAt = now;
    this.#send();
  }

  stage(stage: BootStage): void {
    this.#stage = stage;
    this.#send();
  }

  #send(): void {
    this.#port.post({
      type: "progress",
      progress: { stage: this.#stage, loadedBytes: this.#loaded, totalBytes: this.total },
    });
  }
}

async function compileWasm(platform: WorkerPlatform, url: string): Promise<WebAssembly.Module> {
  let source: Response | Uint8Array<ArrayBuffer>;
  try {
    source = await platform.fetchWasm(url);
  } catch (cause) {
    throw new ArtefactMissingError(url, null, cause);
  }
  if (source instanceof Response && !source.ok) throw new ArtefactMissingError(url, source.status);
  try {
    if (!(source instanceof Response)) return await WebAssembly.compile(source);
    const typed = source.headers.get("content-type")?.startsWith("application/wasm");
    return await (typed ? WebAssembly.compileStreaming(source) : WebAssembly.compile(await source.arrayBuffer()));
  } catch (cause) {
    // A Content-Security-Policy without 'wasm-unsafe-eval' shows as a CompileError too, and says so.
    if (cause instanceof WebAssembly.CompileError && !/unsafe-eval|Content Security|disallowed/i.test(cause.message)) {
      throw new ArtefactDamagedError(url, "a WebAssembly module", cause.message, cause);
    }
    throw new WasmUnavailableError(cause);
  }
}
