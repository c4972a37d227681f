import type { MachineStore } from "warmboot";

interface Generation {
  readonly disk: readonly { readonly name: string; readonly gzip: boolean }[];
}

/** Bytes that are made into base64 at once; a multiple of three. */
const PIECE = 24_576;

/** The packs of the newest generation's disk, as docs/snapshots.md has them: oldest first, unpacked, in base64. Empty: nothing is saved. */
export async function readSavedDisk(store: MachineStore): Promise<string[]> {
  const [id] = await store.machines();
  const head = id === undefined ? null : await store.head(id);
  if (id === undefined || !head) return [];
  const [newest] = (manifest(head) as { readonly generations: readonly number[] }).generations;
  const read = async (name: string) => {
    const bytes = await store.read(id, name);
    if (!bytes) throw new Error(`${name} is missing`);
    return bytes;
  };
  const { disk } = manifest(await read(`generation-${newest}`)) as Generation;
  const packs: string[] = [];
  for (const { name, gzip } of disk) {
    const bytes = await read(name);
    packs.push(base64(gzip ? await unpacked(bytes) : bytes));
  }
  return packs;
}

function manifest(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  return JSON.parse(text.slice(text.indexOf("\n") + 1));
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += PIECE) text += btoa(String.fromCharCode(...bytes.subarray(at, at + PIECE)));
  return text;
}
