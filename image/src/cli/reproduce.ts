import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { buildDisk, buildKernel } from "../build/build-image.ts";
import { buildDir } from "../paths.ts";
import { readRecipe } from "../recipe.ts";

// reproduce: builds kernel and disk once more in another folder and compares them, byte by byte, with those of `npm run image`.
const work = await mkdtemp(`${tmpdir()}/warmboot-reproduce-`);
try {
  const recipe = await readRecipe();
  await mkdir(`${work}/another-folder`);
  await buildKernel(recipe, `${work}/another-folder/linux`, `${work}/out`);
  await compare("bzImage", `${buildDir}/kernel/bzImage`, `${work}/out/bzImage`);
  await buildDisk(recipe, `${work}/disk.raw`);
  await compare("disk", `${buildDir}/disk.raw`, `${work}/disk.raw`);
} finally {
  await rm(work, { recursive: true, force: true });
}

async function compare(what: string, first: string, second: string): Promise<void> {
  const [a, b] = [await hashFile(first), await hashFile(second)];
  console.log(`${what}: ${a} ${a === b ? "again" : `but then ${b}`}`);
  if (a !== b) process.exitCode = 1;
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(piece as Buffer);
  return hash.digest("hex");
}
