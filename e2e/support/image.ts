/** The prepared default image, as the site serves it. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const directory = fileURLToPath(new URL("../../image/.cache/default/", import.meta.url));

interface Manifest {
  readonly kernel: { readonly file: string; readonly sha256: string };
  readonly disk: { readonly chunkSize: number };
}

export function imageManifest(): Manifest {
  return JSON.parse(readFileSync(`${directory}image.json`, "utf8")) as Manifest;
}

/** Path of its manifest. */
export const imageFile = (): string => `${directory}image.json`;

/** Names of the chunks of the disk. */
export const chunkFiles = (): string[] => readdirSync(`${directory}chunks`);
