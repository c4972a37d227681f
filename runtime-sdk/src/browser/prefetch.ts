import type { EarlyMessage, EarlyWasmMessage } from "../machine/index.ts";

const MOST_MANIFEST = 2 ** 20;

/** Posts messages to the machine's thread. */
type Post = (message: EarlyMessage | EarlyWasmMessage, transfer: ArrayBuffer[]) => void;

/** Files of a booted machine that an image brings along, as far as that can be read from its manifest. */
interface Named {
  readonly file: string;
  readonly size: number;
}

/**
 * Fetches what every machine of an image needs, and what a new one goes on from if it `isNew`; hands all of it to the machine's thread while it
 * arrives. Never rejects.
 */
export async function prefetch(manifestUrl: string, isNew: Promise<boolean>, post: Post): Promise<void> {
  const manifest: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const keep = (piece: Uint8Array<ArrayBuffer>) => {
    size += piece.byteLength;
    if (size > MOST_MANIFEST) throw new RangeError("too large for a manifest");
    manifest.push(piece);
  };
  const files: Promise<void>[] = [];
  await handOver(manifestUrl, post, keep, async () => {
    const text = await new Blob(manifest).text();
    // WHY before the thread has the manifest: it asks for these files as soon as it has read that.
    if (await isNew)
      for (const { file, size: most } of filesIn(text)) files.push(pass(new URL(file, manifestUrl).href, most, post));
    for (const piece of manifest) post({ type: "early", url: manifestUrl, part: piece }, [piece.buffer]);
  });
  await Promise.all(files);
}

/** Fetches and compiles the emulator for the machine's thread. Never rejects. */
export async function prefetchWasm(url: string, post: Post): Promise<void> {
  post({ type: "early-wasm", url, module: "begin" }, []);
  const module = await WebAssembly.compileStreaming(fetch(url, { credentials: "same-origin" })).catch(
    // The thread does it by itself, and tells what is wrong.
    () => "failed" as const,
  );
  post({ type: "early-wasm", url, module }, []);
}

function pass(url: string, most: number, post: Post): Promise<void> {
  let size = 0;
  const hand = (piece: Uint8Array<ArrayBuffer>) => {
    size += piece.byteLength;
    if (size > most) throw new RangeError("larger than the manifest says");
    post({ type: "early", url, part: piece }, [piece.buffer]);
  };
  return handOver(url, post, hand, async () => {});
}

/** Tells the thread that a file is coming, and how that has ended. */
async function handOver(
  url: string,
  post: Post,
  onPiece: (piece: Uint8Array<ArrayBuffer>) => void,
  onEnd: () => Promise<void>,
): Promise<void> {
  post({ type: "early", url, part: "begin" }, []);
  try {
    const response = await fetch(url, { credentials: "same-origin" });
    if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
    const reader = response.body.getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) onPiece(next.value);
    } finally {
      // Of what is not wanted no more is to come.
      void reader.cancel().catch(() => {});
    }
    await onEnd();
    post({ type: "early", url, part: "end" }, []);
  } catch {
    // The thread fetches it by itself, and tells what is wrong.
    post({ type: "early", url, part: "failed" }, []);
  }
}

function filesIn(manifest: string): Named[] {
  const { devices, memory, disk } = JSON.parse(manifest)?.base?.records ?? {};
  return [devices, memory, disk].flat().filter((each): each is Named => typeof each?.file === "string");
}
