import { sha256Hex } from "../bytes/index.ts";
import { blobAccess, type RandomAccess, RawDisk, type Transport } from "../disk/index.ts";
import { InvalidOptionError } from "../errors/index.ts";
import type { FileReference, ImageReference } from "../machine/index.ts";
import type { LoadingImage, LoadOptions } from "./load-image.ts";

type FilesImage = Extract<ImageReference, { kind: "files" }>;
type Bytes = Uint8Array<ArrayBuffer>;

const DEFAULT_MEMORY_MB = 256;
/** Above this nothing fits into a machine. */
const MAX_FILE = 1024 * 2 ** 20;

/** Loads an image that is made of single files. */
export function loadFiles(image: FilesImage, { platform, signal, onBytes }: LoadOptions): LoadingImage {
  const whole = async (file: FileReference): Promise<Bytes> => {
    const access = await open(file, platform.transport, signal);
    try {
      if (access.size > MAX_FILE)
        throw new InvalidOptionError(file.name, `has ${access.size} bytes; at most ${MAX_FILE} can be loaded`);
      const bytes = await access.read(0, access.size, signal);
      onBytes(bytes.byteLength);
      return bytes;
    } finally {
      await access.close();
    }
  };
  const kernel = whole(image.bzImage).then((bytes) => checkKernel(image.bzImage.name, bytes));
  const { disk } = image;
  const source = disk && open(disk, platform.transport, signal).then((access) => new RawDisk(disk.name, access));
  return {
    id: kernel.then(sha256Hex),
    name: image.bzImage.name,
    cmdline: image.cmdline,
    memoryMb: DEFAULT_MEMORY_MB,
    base: null,
    kernel: () => ({
      bios: whole(image.bios),
      vgaBios: whole(image.vgaBios),
      kernel,
      initrd: image.initrd && whole(image.initrd),
      disk: Promise.resolve(source),
    }),
    disk: source,
    totalBytes: () => null,
  };
}

async function open(file: FileReference, transport: Transport, signal: AbortSignal): Promise<RandomAccess> {
  if ("url" in file) return transport.open(file.url, signal);
  return blobAccess(file.data instanceof Blob ? file.data : new Blob([file.data]));
}

/** A Linux kernel for x86 has "HdrS" at 0x202 (Documentation/arch/x86/boot.rst). */
function checkKernel(name: string, bytes: Bytes): Bytes {
  if (new TextDecoder("latin1").decode(bytes.subarray(0x202, 0x206)) !== "HdrS")
    throw new InvalidOptionError(name, "is not a Linux bzImage: there is no HdrS at 0x202");
  return bytes;
}
