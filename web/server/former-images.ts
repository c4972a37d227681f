import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gunzipSync } from "node:zlib";
import {
  ArtefactLoader,
  fetchTransport,
  type ImageManifest,
  ownManifest,
  parseChunkTable,
  parseImageManifest,
  type Transport,
} from "warmboot/manifest";
import { DEFAULT_IMAGE_PATH } from "./images.ts";

/** Names the manifests of all images that were ever at an address, for who can list no folder. */
const LIST = "images.json";
const IMAGES = "images";
const MOST_LIST = 2 ** 20;
const OWN_MANIFEST = /^image-[0-9a-f]{16}\.json$/;
/** Files that are fetched at once. */
const AT_ONCE = 8;

/**
 * Carries the images of the site as it is now over into the new one, so that machines which were made from them find them. Of files that are
 * there already none is fetched.
 * @param former Folder of the former site, or its address.
 * @param site Folder of the new one, with its images.
 * @returns how many images there are besides the new ones.
 * @throws ArtefactMissingError, ArtefactDamagedError
 */
export async function carryImages(former: string, site: string): Promise<number> {
  let count = 0;
  for (const path of imagePaths(site)) {
    const folder = join(site, path);
    const before = ownManifests(folder).length;
    await carryAll(new URL(`.${path}`, siteAddress(former)), folder, path !== DEFAULT_IMAGE_PATH);
    count += ownManifests(folder).length - before;
  }
  return count;
}

/** @param mayBeNew The former site may have had nothing there. */
async function carryAll(images: URL, folder: string, mayBeNew: boolean): Promise<void> {
  const at = (name: string) => loaderOf(new URL(name, images).href);
  const current = await manifestOf(at("image.json")).catch((error) => {
    if (mayBeNew && isMissing(error)) return null;
    throw error;
  });
  if (!current) return;
  const names = new Set(images.protocol === "file:" ? ownManifests(fileURLToPath(images)) : await listed(at(LIST)));
  names.add(ownManifest(current.id));
  for (const name of names) {
    if (existsSync(join(folder, name))) continue;
    // WHY: a site of an earlier version has no such file of its image.
    const manifest = name === ownManifest(current.id) ? current : await manifestOf(at(name));
    await carry(manifest, at(name), folder);
    // WHY last: what it names is there.
    await writeFile(join(folder, name), `${JSON.stringify({ ...manifest, base: null }, null, 2)}\n`);
  }
}

const isMissing = (error: Error & { readonly status?: number }) => error.status === 404;

/** Of the folders of the images of a site. */
const imagePaths = (site: string) =>
  readdirSync(join(site, IMAGES), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `/${IMAGES}/${name}/`);

/** Writes down which images there are, beside each. */
export function listImages(site: string): void {
  for (const path of imagePaths(site))
    writeFileSync(join(site, path, LIST), `${JSON.stringify(ownManifests(join(site, path)), null, 2)}\n`);
}

function siteAddress(former: string): URL {
  const isAddress = /^https?:/.test(former);
  return isAddress ? new URL(former.endsWith("/") ? former : `${former}/`) : pathToFileURL(`${resolve(former)}${sep}`);
}

const ownManifests = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).filter((name) => OWN_MANIFEST.test(name)) : [];

const never = () => new AbortController().signal;

function loaderOf(manifestUrl: string): ArtefactLoader {
  return new ArtefactLoader({ manifestUrl, transport: manifestUrl.startsWith("file:") ? files : fetchTransport });
}

async function manifestOf(loader: ArtefactLoader): Promise<ImageManifest> {
  return parseImageManifest(await loader.loadManifest(never()));
}

/** Those that the former site lists. A site of an earlier version has no list, and some hosts give a page for it. */
async function listed(loader: ArtefactLoader): Promise<string[]> {
  const text = await loader
    .load(LIST, MOST_LIST, never(), async (bytes) => new TextDecoder().decode(bytes))
    .catch((error: Error & { readonly status?: number }) => {
      if (isMissing(error)) return "";
      throw error;
    });
  const names: unknown = text.trimStart().startsWith("[") ? JSON.parse(text) : [];
  return Array.isArray(names) ? names.filter((name) => typeof name === "string" && OWN_MANIFEST.test(name)) : [];
}

/** Fetches and checks what an image's machines may ask for. */
async function carry(manifest: ImageManifest, loader: ArtefactLoader, folder: string): Promise<void> {
  const { kernel, bios, vgaBios, disk } = manifest;
  for (const file of [kernel, bios, vgaBios, disk.workingSet, disk.table])
    await place(folder, file.file, () => loader.loadFile(file, never()));
  const table = parseChunkTable(
    readFileSync(join(folder, disk.table.file)),
    disk.size / disk.chunkSize,
    disk.table.file,
  );
  const chunks = new Set(table.values()).values();
  const some = async () => {
    for (const name of chunks) await place(folder, `chunks/${name}.bin`, () => chunk(loader, name, disk.chunkSize));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
}

async function place(folder: string, name: string, load: () => Promise<Uint8Array>): Promise<void> {
  const file = join(folder, name);
  if (existsSync(file)) return;
  const bytes = await load();
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, bytes);
}

/** A chunk as it is published; its name is the hash of what is in it. */
function chunk(loader: ArtefactLoader, name: string, chunkSize: number): Promise<Uint8Array> {
  return loader.load(`chunks/${name}.bin`, 2 * chunkSize, never(), async (bytes, url) => {
    const raw = gunzipSync(bytes, { maxOutputLength: chunkSize });
    const hash = createHash("sha256").update(raw).digest("hex");
    if (hash !== name) throw new Error(`${url} is damaged: its SHA-256 is ${hash}`);
    return bytes;
  });
}

/** Files of this computer. */
const files: Transport = {
  get: async (url) => {
    const path = fileURLToPath(url);
    if (!existsSync(path)) return { status: 404, body: null };
    return { status: 200, body: Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array> };
  },
  open: () => Promise.reject(new Error("unreachable: files of an image are read whole")),
};
