import { ArtefactLoader } from "../disk/index.ts";
import { ArtefactDamagedError, ArtefactMissingError, WasmUnavailableError } from "../errors/index.ts";
import type { WorkerPlatform } from "./run-machine.ts";

/** What compiling needs of the platform. */
export type WasmPlatform = Pick<WorkerPlatform, "fetchWasm" | "transport">;

/** The emulator has about 2 MiB. */
const MOST_BYTES = 32 * 1024 * 1024;
/** When the first try has taken this long, another one begins beside it. */
const SLOW_MS = 30_000;

/**
 * Gets and compiles the emulator. First while it arrives, which is quickest; if that fails or takes long, as a whole, by the rules of all other files: with
 * pauses, several tries and a limit for each.
 * @throws ArtefactMissingError, ArtefactDamagedError, WasmUnavailableError
 */
export async function compileWasm(
  platform: WasmPlatform,
  url: string,
  { slowMs = SLOW_MS, retryDelaysMs }: { readonly slowMs?: number; readonly retryDelaysMs?: readonly number[] } = {},
): Promise<WebAssembly.Module> {
  const done = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const isSlow = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), slowMs);
  });
  const first = compileArriving(platform, url, done.signal);
  try {
    const module = await Promise.race([first, isSlow]).catch((error) => {
      if (error instanceof WasmUnavailableError) throw error;
      return null;
    });
    if (module) return module;
    const loader = new ArtefactLoader({
      manifestUrl: url,
      transport: platform.transport,
      ...(retryDelaysMs && { retryDelaysMs }),
    });
    const whole = loader.load(url, MOST_BYTES, done.signal, (bytes) => compile(bytes, url));
    // WHY not the first one's reason: the later one has tried harder.
    return await Promise.any([whole, first]).catch(() => whole);
  } finally {
    clearTimeout(timer);
    done.abort(new Error("the emulator is compiled, or cannot be"));
  }
}

async function compileArriving(platform: WasmPlatform, url: string, signal: AbortSignal): Promise<WebAssembly.Module> {
  const source = await platform.fetchWasm(url, signal);
  if (source instanceof WebAssembly.Module) return source;
  if (!(source instanceof Response)) return compile(source, url);
  if (!source.ok) throw new ArtefactMissingError(url, source.status);
  const typed = source.headers.get("content-type")?.startsWith("application/wasm");
  if (!typed) return compile(await source.arrayBuffer(), url);
  return WebAssembly.compileStreaming(source).catch((cause) => {
    // Anything else is the network's.
    throw cause instanceof WebAssembly.CompileError ? problemOf(cause, url) : cause;
  });
}

/** @throws ArtefactDamagedError, WasmUnavailableError */
function compile(bytes: BufferSource, url: string): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytes).catch((cause) => {
    throw problemOf(cause, url);
  });
}

function problemOf(cause: unknown, url: string): ArtefactDamagedError | WasmUnavailableError {
  // A Content-Security-Policy without 'wasm-unsafe-eval' shows as a CompileError too, and says so.
  if (cause instanceof WebAssembly.CompileError && !/unsafe-eval|Content Security|disallowed/i.test(cause.message))
    return new ArtefactDamagedError(url, "a WebAssembly module", cause.message, cause);
  return new WasmUnavailableError(cause);
}
