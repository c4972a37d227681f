import { InvalidOptionError } from "../errors/index.ts";
import type { FileReference, ImageReference } from "../machine/index.ts";
import type { SessionPlatform } from "./platform.ts";

/** A file: its address (in Node a path works too), or its bytes. */
export type FileSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** An i686 Linux image of one's own, as single files. */
export interface OwnImage {
  /** The kernel, as `make bzImage` makes it. */
  readonly bzImage: FileSource;
  /** An initial RAM disk. The emulator puts it at 64 MiB: the machine needs more memory than that. @default none */
  readonly initrd?: FileSource;
  /** A raw disk, seen by the guest as the first IDE disk (`/dev/sda`). It is read in pieces as needed and never written. @default none */
  readonly disk?: FileSource;
  /** Kernel command line, printable ASCII. @default "console=ttyS0", with a disk and no initrd also "root=/dev/sda rw" */
  readonly cmdline?: string;
  /** The image has Warmboot's agent in it: the boot is over when it answers. @default false */
  readonly agent?: boolean;
}

const KEYS = ["bzImage", "initrd", "disk", "cmdline", "agent"];

/** @throws InvalidOptionError */
export function checkImage(image: unknown): asserts image is string | URL | OwnImage {
  if (typeof image === "string" || image instanceof URL) return;
  if (typeof image !== "object" || image === null)
    throw new InvalidOptionError("image", "must be the address of an image.json, or an object with a bzImage");
  const own = image as Record<string, unknown>;
  for (const key of Object.keys(own)) {
    if (!KEYS.includes(key)) throw new InvalidOptionError(`image.${key}`, `unknown option; known: ${KEYS.join(", ")}`);
  }
  checkSource(own["bzImage"], "image.bzImage");
  for (const key of ["initrd", "disk"]) if (own[key] !== undefined) checkSource(own[key], `image.${key}`);
  const { cmdline, agent } = own;
  if (cmdline !== undefined && (typeof cmdline !== "string" || !/^[\x20-\x7e]{0,2000}$/.test(cmdline)))
    throw new InvalidOptionError("image.cmdline", "must be at most 2000 printable ASCII characters");
  if (agent !== undefined && typeof agent !== "boolean")
    throw new InvalidOptionError("image.agent", "must be true or false");
}

function checkSource(value: unknown, option: string): void {
  const bytes = value instanceof Uint8Array || value instanceof ArrayBuffer || value instanceof Blob;
  if (!bytes && typeof value !== "string" && !(value instanceof URL))
    throw new InvalidOptionError(option, "must be an address, a Uint8Array, an ArrayBuffer or a Blob");
  if (typeof value === "string" && (value === "" || value.includes("\0")))
    throw new InvalidOptionError(option, "must be an address");
}

/** True when the boot of this image is over only with the agent's answer. */
export function hasAgent(image: string | URL | OwnImage): boolean {
  return typeof image === "string" || image instanceof URL || (image.agent ?? false);
}

/** The image as the machine's thread is told of it. */
export function referTo(image: string | URL | OwnImage, platform: SessionPlatform): ImageReference {
  if (typeof image === "string" || image instanceof URL)
    return { kind: "manifest", url: platform.resolveAddress(image) };
  const refer = (name: string, source: FileSource): FileReference => {
    if (typeof source === "string" || source instanceof URL) {
      const url = platform.resolveAddress(source);
      return { name: url, url };
    }
    // WHY a copy: the caller may go on writing into its array.
    return { name, data: source instanceof Blob ? source : new Uint8Array(source).slice() };
  };
  const { biosUrl, vgaBiosUrl } = platform.firmware;
  const root = image.disk !== undefined && image.initrd === undefined ? " root=/dev/sda rw" : "";
  return {
    kind: "files",
    bzImage: refer("image.bzImage", image.bzImage),
    initrd: image.initrd === undefined ? null : refer("image.initrd", image.initrd),
    disk: image.disk === undefined ? null : refer("image.disk", image.disk),
    bios: { name: biosUrl, url: biosUrl },
    vgaBios: { name: vgaBiosUrl, url: vgaBiosUrl },
    cmdline: image.cmdline ?? `console=ttyS0${root}`,
  };
}
