import { rename, writeFile } from "node:fs/promises";
import type { ImageFile } from "warmboot/manifest";
import { type Bytes, sha256 } from "./digest.ts";

/** Writes a file whose name says what is in it, and describes it for the manifest. */
export async function publishFile(directory: string, name: string, bytes: Bytes): Promise<ImageFile> {
  const digest = sha256(bytes);
  const file = `${name}-${digest.slice(0, 16)}.bin`;
  await writeFile(`${directory}/${file}`, bytes);
  return { file, size: bytes.byteLength, sha256: digest };
}

/** Puts a text in place of a file's in one step: whoever reads it sees the one or the other. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, text);
  await rename(temporary, file);
}
