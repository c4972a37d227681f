import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { sha256 } from "../digest.ts";
import { renderLicences } from "../licences.ts";
import { buildDir, imageDir, prebuiltDir } from "../paths.ts";
import { parseAgentBlocks } from "../place-agent.ts";
import {
  type CompressedName,
  FILE_NAMES,
  type FileName,
  type PrebuiltFile,
  type PrebuiltManifest,
  readPrebuilt,
  writeManifest,
} from "../prebuilt.ts";
import type { Recipe } from "../recipe.ts";
import { encodeWorkingSet } from "../working-set.ts";
import { compressStrongly } from "./compress.ts";
import { packDisk } from "./pack-disk.ts";
import { readPackages } from "./packages.ts";
import { recordWorkingSet } from "./record-working-set.ts";

/** Where each artefact that is only copied comes from, relative to `image/build/`. */
const COPIED: Readonly<Partial<Record<FileName, string>>> = {
  "kernel.config": "kernel/kernel.config",
  "bios.bin": "sources/seabios/usr/share/seabios/bios.bin",
  "vgabios-stdvga.bin": "sources/seabios/usr/share/seabios/vgabios-stdvga.bin",
  "warmboot-agent": "agent/warmboot-agent",
};

/**
 * Makes `prebuilt/` and `LICENSES.md` from the results of the build steps.
 * @param inputs what `hashInputs()` gave before the first step.
 */
export async function assemble({ name, cmdline, memoryMb, chunkSize }: Recipe, inputs: string): Promise<void> {
  await mkdir(prebuiltDir, { recursive: true });
  for (const [name, from] of Object.entries(COPIED)) await copyFile(`${buildDir}/${from}`, `${prebuiltDir}/${name}`);

  const kernel = await readFile(`${buildDir}/kernel/bzImage`);
  const disk = await packDisk(`${buildDir}/disk.raw`);
  const agentBlocks = parseAgentBlocks(await readFile(`${buildDir}/disk.raw.agent`, "utf8"));
  // WHY empty at first: the recording boots what is in the folder, and that must be complete.
  await writeFile(`${prebuiltDir}/working-set.json`, encodeWorkingSet([], chunkSize));

  const unpacked = {
    "bzImage.br": await writeCompressed("bzImage.br", kernel),
    "disk.sparse.br": await writeCompressed("disk.sparse.br", disk),
  };
  const manifest: PrebuiltManifest = {
    format: 1,
    name,
    inputs,
    cmdline,
    memoryMb,
    chunkSize,
    files: await describeFiles(),
    unpacked,
    agentBlocks,
    sources: await readPackages(`${buildDir}/sources/versions`),
    packages: await readPackages(`${buildDir}/rootfs.tar.packages`),
  };
  await writeManifest(prebuiltDir, manifest);
  await recordWorkingSet(prebuiltDir);
  await writeFile(`${imageDir}LICENSES.md`, renderLicences(manifest));
}

/** Compresses into `prebuilt/`, unless the last build did so with the same bytes. @returns their SHA-256. */
async function writeCompressed(name: CompressedName, bytes: Uint8Array): Promise<string> {
  const digest = sha256(bytes);
  const last = await readPrebuilt(prebuiltDir, [name]).catch(() => undefined);
  if (last?.manifest.unpacked?.[name] === digest) {
    console.error(`image: ${name} is up to date`);
  } else {
    console.error(`image: compressing ${name}, ${Math.round(bytes.byteLength / 2 ** 20)} MiB; a disk takes minutes`);
    await writeFile(`${prebuiltDir}/${name}`, await compressStrongly(bytes));
  }
  return digest;
}

async function describeFiles(): Promise<Record<FileName, PrebuiltFile>> {
  const entries = await Promise.all(
    FILE_NAMES.map(async (name) => {
      const bytes = await readFile(`${prebuiltDir}/${name}`);
      return [name, { size: bytes.byteLength, sha256: sha256(bytes) }] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<FileName, PrebuiltFile>;
}
