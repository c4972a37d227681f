/** `node e2e/dist/bench/gzip/main.js`: packs pages of the memory of the image's booted machine in all ways that there are, in Node and in Chromium. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzipSync, gzip as zlibGzip } from "node:zlib";
import { Deflate } from "pako";
import { parseImageManifest } from "warmboot/manifest";
import { launchChromium } from "../host/chromium.ts";
import { imagesDirectory } from "../host/paths.ts";
import { measure, type Packed } from "./measure.ts";

const SIZES = [16 * 2 ** 10, 256 * 2 ** 10, 4 * 2 ** 20, 16 * 2 ** 20];

/** The pages of the memory that the image brings along, without the numbers before them. */
function memoryPages(): Uint8Array<ArrayBuffer> {
  const folder = join(imagesDirectory, "default");
  const { base } = parseImageManifest(JSON.parse(readFileSync(join(folder, "image.json"), "utf8")));
  const packs = (base?.records.memory ?? []).map(({ file }) => gunzipSync(readFileSync(join(folder, file))));
  return new Uint8Array(Buffer.concat(packs.map((pack) => pack.subarray(pack.length % 4096))));
}

async function inChromium(memory: Uint8Array): Promise<Packed[]> {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const body = Buffer.from(memory);
    await page.route("http://gzip.test/**", (route) => {
      const isPage = route.request().url().endsWith("/");
      return route.fulfill(isPage ? { contentType: "text/html", body: "<p>" } : { body });
    });
    await page.goto("http://gzip.test/");
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve("pako/browser") });
    const bytes = "new Uint8Array(await (await fetch('memory')).arrayBuffer())";
    const script = `(async () => (${measure})(${bytes}, ${JSON.stringify(SIZES)}, pako, []))()`;
    return (await page.evaluate(script)) as Packed[];
  } finally {
    await browser.close();
  }
}

function print(place: string, results: readonly Packed[]): void {
  console.log(`\n${place}`);
  for (const { method, size, ms, blockedMs, percent } of results) {
    const row = [`${size / 1024} KiB`, method, `${ms.toFixed(1)} ms`, `${(size / ms / 1000).toFixed()} MB/s`];
    console.log(`| ${[...row, `${percent.toFixed(1)} %`, `${blockedMs.toFixed()} ms`].join(" | ")} |`);
  }
}

const memory = memoryPages();
const zlib = promisify<Uint8Array, { level: number }, Buffer>(zlibGzip);
const own = [1, 3, 6].map((level) => [`zlib.gzip ${level}`, (bytes: Uint8Array) => zlib(bytes, { level })] as const);
console.log("size | method | time | rate | left | thread blocked for");
print("Node", await measure(memory, SIZES, { Deflate }, own));
print("Chromium", await inChromium(memory));
