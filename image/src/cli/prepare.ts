import { deriveImage } from "../derive.ts";
import { deriveBase } from "../derive-base.ts";
import { cacheDir, prebuiltDir } from "../paths.ts";

// prepare [folder with prebuilt files [folder to make]]
const [from = prebuiltDir, to = `${cacheDir}/default`] = process.argv.slice(2);
try {
  const started = performance.now();
  const made = await deriveImage({ from, to, onProgress: (line) => console.error(`image: ${line}`) });
  if (await deriveBase(to)) console.error("image: new machines go on from one that has booted");
  if (made) console.error(`image: ${to} is ready (${((performance.now() - started) / 1000).toFixed(1)} s)`);
} catch (error) {
  console.error(`image: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
