import { readFile, writeFile } from "node:fs/promises";
import { type Bytes, sha256 } from "./digest.ts";
import type { Extent } from "./sparse-disk.ts";

/** A checked-in file, named relative to the manifest that lists it. */
export interface PrebuiltFile {
  readonly size: number;
  readonly sha256: string;
}

export const FILE_NAMES = [
  "bzImage.br",
  "kernel.config",
  "bios.bin",
  "vgabios-stdvga.bin",
  "warmboot-agent",
  "disk.sparse.br",
  "working-set.json",
] as const;
export type CompressedName = "bzImage.br" | "disk.sparse.br";
export type FileName = (typeof FILE_NAMES)[number];

/** A binary package of the root file system and the source package it was built from. */
export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly source: string;
  readonly sourceVersion: string;
}

/** `prebuilt/manifest.json`: what is checked in, and what it was built from. */
export interface PrebuiltManifest {
  readonly format: 1;
  readonly name: string;
  /** SHA-256 of the recipe, fragment and agent sources these files were built from: `hashInputs()`. */
  readonly inputs: string;
  readonly cmdline: string;
  readonly memoryMb: number;
  readonly chunkSize: number;
  readonly files: Readonly<Record<FileName, PrebuiltFile>>;
  /** SHA-256 of what the compressed files unpack to. In the disk the agent's place is empty. */
  readonly unpacked: Readonly<Record<CompressedName, string>>;
  /** Where on the disk the agent goes. */
  readonly agentBlocks: Extent;
  /** Source packages of what is not in the root file system's package list: kernel, firmware, C library of the agent. */
  readonly sources: readonly DebianPackage[];
  readonly packages: readonly DebianPackage[];
}

/** The checked-in files, verified. */
export interface Prebuilt<N extends FileName = FileName> {
  readonly manifest: PrebuiltManifest;
  readonly files: Readonly<Record<N, Bytes>>;
  /** SHA-256 of the manifest, and so of all that was verified by it. */
  readonly sha256: string;
}

/**
 * Reads the prebuilt files of a folder, all or those named, and checks each against the manifest.
 * @throws Error naming the file that is missing or differs.
 */
export async function readPrebuilt(directory: string): Promise<Prebuilt>;
export async function readPrebuilt<N extends FileName>(directory: string, names: readonly N[]): Promise<Prebuilt<N>>;
export async function readPrebuilt(directory: string, names: readonly FileName[] = FILE_NAMES): Promise<Prebuilt> {
  const text = await readArtefact(directory, "manifest.json");
  const manifest = JSON.parse(text.toString("utf8")) as PrebuiltManifest;
  if (manifest.format !== 1)
    throw new Error(`${directory}/manifest.json: format ${String(manifest.format)} is not known`);
  const entries = await Promise.all(
    names.map(async (name) => [name, await readVerified(directory, name, manifest.files[name])] as const),
  );
  return { manifest, files: Object.fromEntries(entries) as Record<FileName, Bytes>, sha256: sha256(text) };
}

/** Writes `manifest.json`. */
export async function writeManifest(directory: string, manifest: PrebuiltManifest): Promise<void> {
  await writeFile(`${directory}/manifest.json`, `${JSON.stringify(manifest, null, 1)}\n`);
}

async function readVerified(directory: string, name: FileName, expected: PrebuiltFile | undefined): Promise<Bytes> {
  if (!expected) throw new Error(`${directory}/manifest.json does not list ${name}`);
  const bytes = await readArtefact(directory, name);
  if (bytes.byteLength !== expected.size) {
    throw new Error(
      `${directory}/${name} has ${bytes.byteLength} bytes, the manifest says ${expected.size}: restore it with "git checkout", or build again with "npm run image"`,
    );
  }
  const actual = sha256(bytes);
  if (actual !== expected.sha256) {
    throw new Error(
      `${directory}/${name} is damaged: its SHA-256 is ${actual}, the manifest says ${expected.sha256}: restore it with "git checkout", or build again with "npm run image"`,
    );
  }
  return bytes;
}

async function readArtefact(directory: string, name: string): Promise<Buffer> {
  try {
    return await readFile(`${directory}/${name}`);
  } catch (cause) {
    throw new Error(
      `cannot read ${directory}/${name}: restore it with "git checkout", or build it with "npm run image"`,
      {
        cause,
      },
    );
  }
}
