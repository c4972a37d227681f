import { ArtefactDamagedError, ArtefactMissingError, WasmUnavailableError } from "../errors/index.ts";
import type { WorkerPlatform } from "./run-machine.ts";

/** Gets and compiles the emulator. */
export async function compileWasm(platform: WorkerPlatform, url: string): Promise<WebAssembly.Module> {
  let source: Response | Uint8Array<ArrayBuffer> | WebAssembly.Module;
  try {
    source = await platform.fetchWasm(url);
  } catch (cause) {
    throw new ArtefactMissingError(url, null, cause);
  }
  if (source instanceof WebAssembly.Module) return source;
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
