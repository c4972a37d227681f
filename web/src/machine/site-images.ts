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

/** Addresses of the images, the one first that new machines are made from. */
const ADDRESSES: readonly string[] = [DEFAULT_IMAGE];
const MIB = 2 ** 20;

let images: Promise<readonly SiteImage[]> | null = null;

/** The images of this site that are to be had now. Never rejects. */
export function siteImages(): Promise<readonly SiteImage[]> {
  images ??= Promise.all(ADDRESSES.map(read)).then((found) => found.filter((image) => image !== null));
  const asked = images;
  void asked.then((found) => {
    // What could not be had is asked for again.
    if (found.length < ADDRESSES.length && images === asked) images = null;
  });
  return asked;
}

async function read(address: string): Promise<SiteImage | null> {
  try {
    const { id, name, memoryMb, disk } = await (await fetch(new URL(address, document.baseURI))).json();
    return { address, id: String(id), name: String(name), memoryMb: Number(memoryMb), diskMb: disk.size / MIB };
  } catch {
    return null;
  }
}
