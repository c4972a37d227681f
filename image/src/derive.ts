import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type ImageManifest, ownManifest } from "warmboot/manifest";
import { type Chunk, chunksOf, encodeChunkTable } from "./chunks.ts";
import { forEachConcurrently } from "./concurrency.ts";
import { type Bytes, sha256 } from "./digest.ts";
import { imageId } from "./image-id.ts";
import { type Prebuilt, readPrebuilt } from "./prebuilt.ts";
import { publishFile } from "./publish.ts";
import type { SparseDisk } from "./sparse-disk.ts";
import { unpackDisk, unpackKernel } from "./unpack.ts";
import { parseWorkingSet, toChunkIndices } from "./working-set.ts";

const compress = promisify(gzip);

/** Raise this when the same prebuilt files give other output. */
const DERIVE_VERSION = 2;
// WHY: level 9 takes twice as long as 6 for 0.4 % (docs/image.md); the working set is one small file, and everyone fetches it.
const CHUNK_GZIP_LEVEL = 6;
const WORKING_SET_GZIP_LEVEL = 9;
/** As many as zlib's thread pool has threads. */
const CONCURRENCY = 4;

export interface DeriveOptions {
  /** The folder with the prebuilt files. */
  readonly from: string;
  /** The folder to make; its parent is made as well. */
  readonly to: string;
  /** Called with a line for people. */
  readonly onProgress?: (line: string) => void;
}

/**
 * Makes the files that the site serves from the checked-in ones. Does nothing when they are there already.
 * @returns whether anything was made.
 */
export async function deriveImage({ from, to, onProgress = () => {} }: DeriveOptions): Promise<boolean> {
  const prebuilt = await readPrebuilt(from);
  const stamp = `${DERIVE_VERSION} ${prebuilt.sha256}\n`;
  if ((await readFile(`${to}/stamp`, "utf8").catch(() => "")) === stamp) return false;

  onProgress(`unpacking the disk of image "${prebuilt.manifest.name}"`);
  const disk = await unpackDisk(prebuilt);
  // WHY: a folder of its own and one rename, so that whoever reads the image never sees half of it.
  const temporary = `${to}.${process.pid}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(`${temporary}/chunks`, { recursive: true });
  try {
    const manifest = await writeImage(prebuilt, disk, temporary, onProgress);
    const json = `${JSON.stringify(manifest, null, 2)}\n`;
    await writeFile(`${temporary}/image.json`, json);
    // WHY twice: the next image takes the first one's place, and not this one's.
    await writeFile(`${temporary}/${ownManifest(manifest.id)}`, json);
    await writeFile(`${temporary}/stamp`, stamp);
    await replaceDirectory(temporary, to);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return true;
}

async function writeImage(
  prebuilt: Prebuilt,
  disk: SparseDisk,
  directory: string,
  onProgress: (line: string) => void,
): Promise<ImageManifest> {
  const { name, cmdline, memoryMb, chunkSize } = prebuilt.manifest;
  const { files } = prebuilt;
  const publish = (name: string, bytes: Bytes) => publishFile(directory, name, bytes);
  const indices = toChunkIndices(parseWorkingSet(files["working-set.json"]), chunkSize);
  const { rows, workingSet } = await writeChunks(disk, chunkSize, new Set(indices), directory, onProgress);
  // WHY: a chunk that is all zero costs nothing to make up, so it is not in the pack.
  const packed = indices.filter((index) => workingSet.has(index));
  const pack = Buffer.concat(packed.map((index) => workingSet.get(index) ?? new Uint8Array()));
  return {
    format: 1,
    name,
    id: imageId(prebuilt.manifest),
    kernel: await publish("bzImage", await unpackKernel(prebuilt)),
    bios: await publish("bios", files["bios.bin"]),
    vgaBios: await publish("vgabios", files["vgabios-stdvga.bin"]),
    cmdline,
    memoryMb,
    disk: {
      size: disk.size,
      chunkSize,
      table: await publish("chunks", encodeChunkTable(rows)),
      workingSet: {
        ...(await publish("working-set", await compress(pack, { level: WORKING_SET_GZIP_LEVEL }))),
        chunks: packed,
      },
    },
    base: null,
  };
}

async function writeChunks(
  disk: SparseDisk,
  chunkSize: number,
  wanted: ReadonlySet<number>,
  directory: string,
  onProgress: (line: string) => void,
): Promise<{ rows: { index: number; sha256: string }[]; workingSet: Map<number, Bytes> }> {
  const rows: { index: number; sha256: string }[] = [];
  const workingSet = new Map<number, Bytes>();
  const written = new Set<string>();
  let done = 0;
  await forEachConcurrently(chunksOf(disk, chunkSize), CONCURRENCY, async ({ index, bytes }: Chunk) => {
    const digest = sha256(bytes);
    rows.push({ index, sha256: digest });
    if (wanted.has(index)) workingSet.set(index, bytes);
    if (!written.has(digest)) {
      written.add(digest);
      await writeFile(`${directory}/chunks/${digest}.bin`, await compress(bytes, { level: CHUNK_GZIP_LEVEL }));
    }
    done += bytes.byteLength;
    if (rows.length % 500 === 0) onProgress(`compressing chunks: ${Math.round(done / 2 ** 20)} MiB`);
  });
  return { rows: rows.sort((a, b) => a.index - b.index), workingSet };
}

async function replaceDirectory(from: string, to: string): Promise<void> {
  const old = `${to}.${process.pid}.old`;
  await rename(to, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await rename(from, to);
  await rm(old, { recursive: true, force: true });
}
