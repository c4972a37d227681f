import { sha256 } from "./digest.ts";
import type { PrebuiltManifest } from "./prebuilt.ts";

/**
 * The identity of an image: a hash over the contents of kernel, firmware, command line, disk and agent. How the disk is compressed
 * or cut up is not part of it.
 */
export function imageId({ files, unpacked, cmdline, agentBlocks }: PrebuiltManifest): string {
  return sha256(
    `kernel ${unpacked["bzImage.br"]}\n`,
    `bios ${files["bios.bin"].sha256}\n`,
    `vgabios ${files["vgabios-stdvga.bin"].sha256}\n`,
    `cmdline ${cmdline}\n`,
    `disk ${unpacked["disk.sparse.br"]}\n`,
    `agent ${files["warmboot-agent"].sha256} ${agentBlocks.first}\n`,
  );
}
