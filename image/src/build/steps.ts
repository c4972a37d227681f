import { mkdir, readFile, writeFile } from "node:fs/promises";
import { buildDir } from "../paths.ts";

/** Runs a build step unless it has run for the same inputs; the results of a step stay in `image/build/`. */
export async function step(name: string, inputs: string, work: () => Promise<void>): Promise<void> {
  const path = `${buildDir}/${name}.stamp`;
  if ((await readFile(path, "utf8").catch(() => "")) === inputs) {
    console.error(`image: ${name} is up to date`);
    return;
  }
  console.error(`image: ${name}`);
  await mkdir(buildDir, { recursive: true });
  await work();
  await writeFile(path, inputs);
}
