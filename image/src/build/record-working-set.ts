import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { KernelSession } from "warmboot";
import { deriveImage } from "../derive.ts";
import { sha256 } from "../digest.ts";
import { readPrebuilt, writeManifest } from "../prebuilt.ts";
import { waitForPrompt } from "../wait-for-prompt.ts";
import { encodeWorkingSet } from "../working-set.ts";

/** What a first visitor does besides opening a shell: the files of these commands come with the boot. */
const FIRST_COMMANDS = ["id; uname -a; pwd; ls -la /; cat /etc/os-release"];

/**
 * Boots the image of a folder with prebuilt files to a login shell's prompt, runs a first command, and writes what of
 * the disk that read into the folder's `working-set.json` and manifest. Whatever working set was there does not matter.
 */
export async function recordWorkingSet(directory: string): Promise<void> {
  const prepared = await mkdtemp(`${tmpdir()}/warmboot-record-`);
  try {
    await deriveImage({ from: directory, to: `${prepared}/image` });
    const image = `${prepared}/image/image.json`;
    const chunks: number[] = [];
    await using session = await KernelSession.boot({ image, coldBoot: true, onChunk: (index) => chunks.push(index) });
    const terminal = await session.openTerminal();
    await waitForPrompt(terminal.stdout);
    for (const command of FIRST_COMMANDS) await session.exec(command);
    await store(directory, chunks);
  } finally {
    await rm(prepared, { recursive: true, force: true });
  }
}

async function store(directory: string, chunks: readonly number[]): Promise<void> {
  const { manifest } = await readPrebuilt(directory, []);
  const bytes = Buffer.from(encodeWorkingSet(chunks, manifest.chunkSize));
  await writeFile(`${directory}/working-set.json`, bytes);
  const entry = { size: bytes.byteLength, sha256: sha256(bytes) };
  await writeManifest(directory, { ...manifest, files: { ...manifest.files, "working-set.json": entry } });
}
