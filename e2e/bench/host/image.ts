import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type ImageManifest, parseImageManifest } from "warmboot/manifest";
import type { PlainMachineConfig } from "../plain/machine.ts";
import { imagesDirectory, v86Directory } from "./paths.ts";
import { rawDisk } from "./raw-disk.ts";

/** The image that is measured, in its prepared form and as the raw disk that plain v86 takes. */
export interface BenchImage {
  readonly directory: string;
  readonly manifest: ImageManifest;
  readonly rawDisk: string;
}

export function openImage(): BenchImage {
  const directory = join(imagesDirectory, "default");
  const manifest = parseImageManifest(JSON.parse(readFileSync(join(directory, "image.json"), "utf8")));
  return { directory, manifest, rawDisk: rawDisk(directory, manifest) };
}

/** Plain v86's settings for the same kernel, disk and memory, with files found by `locate`. */
export function plainConfig(image: BenchImage, locate: (file: PlainFile) => string): PlainMachineConfig {
  const { kernel, bios, vgaBios, cmdline, memoryMb, disk } = image.manifest;
  const of = (file: string) => locate({ directory: image.directory, file });
  return {
    module: locate({ directory: v86Directory, file: "libv86.mjs" }),
    wasm: locate({ directory: v86Directory, file: "v86.wasm" }),
    bios: of(bios.file),
    vgaBios: of(vgaBios.file),
    kernel: of(kernel.file),
    disk: locate({ directory: "", file: image.rawDisk }),
    diskSize: disk.size,
    memoryMb,
    // The least work: no services, a shell is the first and only program. The last init= counts.
    cmdline: `${cmdline} init=/bin/bash`,
  };
}

export interface PlainFile {
  readonly directory: string;
  readonly file: string;
}
