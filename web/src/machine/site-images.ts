import { DEFAULT_IMAGE } from "../address.ts";

/** An image that this site offers for new machines. */
export interface SiteImage {
  /** As the page's address takes it. */
  readonly address: string;
  readonly id: string;
  readonly name: string;
  /** What a machine gets that asks for nothing else. */
  readonly memoryMb: number;
  /** The least a machine's disk can have. */
  readonly diskMb: number;
}

/** Names the folders of the site's images, the one first that new machines are made from. A site may be without. */
const LIST = "images/index.json";
const MIB = 2 ** 20;
const MOST_MS = 10_000;
const MOST_IMAGES = 50;

let images: Promise<readonly SiteImage[]> | null = null;

/** The images of this site that are to be had now. Never rejects, and takes some seconds at most. */
export function siteImages(): Promise<readonly SiteImage[]> {
  images ??= readAll();
  return images;
}

async function readAll(): Promise<readonly SiteImage[]> {
  const { addresses, isSure } = await readList();
  const found = (await Promise.all(addresses.map(read))).filter((image) => image !== null);
  // What could not be had is asked for again.
  if (!isSure || found.length < addresses.length) images = null;
  return found;
}

/** Addresses of the images. `isSure`: asking again would not tell more. */
async function readList(): Promise<{ readonly addresses: readonly string[]; readonly isSure: boolean }> {
  const alone = [DEFAULT_IMAGE];
  try {
    const response = await get(LIST);
    // WHY the type: some hosts answer with a page for what they do not have.
    if (!response.ok || !response.headers.get("content-type")?.startsWith("application/json"))
      return { addresses: alone, isSure: response.status < 500 };
    const names: unknown = await response.json();
    const isName = (name: unknown) => typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name);
    const listed = Array.isArray(names) ? names.filter(isName).slice(0, MOST_IMAGES) : [];
    return { addresses: [...new Set([...alone, ...listed.map((name) => `images/${name}/image.json`)])], isSure: true };
  } catch {
    return { addresses: alone, isSure: false };
  }
}

async function read(address: string): Promise<SiteImage | null> {
  try {
    const { id, name, memoryMb, disk } = await (await get(address)).json();
    return { address, id: String(id), name: String(name), memoryMb: Number(memoryMb), diskMb: disk.size / MIB };
  } catch {
    return null;
  }
}

const get = (address: string): Promise<Response> =>
  fetch(new URL(address, document.baseURI), { signal: AbortSignal.timeout(MOST_MS) });
