import { gzipSync } from "node:zlib";
import { chunksOf } from "../chunks.ts";
import { prebuiltDir } from "../paths.ts";
import { readPrebuilt } from "../prebuilt.ts";
import { unpackDisk, unpackKernel } from "../unpack.ts";
import { parseWorkingSet, toChunkIndices } from "../working-set.ts";

// measure-transfer [folder]: what a visitor fetches before the first command's answer, for each possible chunk size.
const [from = prebuiltDir] = process.argv.slice(2);
const prebuilt = await readPrebuilt(from);
const disk = await unpackDisk(prebuilt);
const kernel = await unpackKernel(prebuilt);
const extents = parseWorkingSet(prebuilt.files["working-set.json"]);
const blocks = extents.reduce((sum, extent) => sum + extent.count, 0);
console.log(`kernel ${mb(kernel.byteLength)} MB; a boot reads ${mb(blocks * 4096)} MB of the disk`);
console.log("chunk size   chunks   in the working set   pack level 6   level 9 (MB)");
for (const chunkSize of [16, 32, 64, 128, 256, 512].map((kib) => kib * 1024)) {
  const chunks = new Map([...chunksOf(disk, chunkSize)].map(({ index, bytes }) => [index, bytes]));
  const packed = toChunkIndices(extents, chunkSize).flatMap((index) => chunks.get(index) ?? []);
  const pack = Buffer.concat(packed);
  const [six, nine] = [6, 9].map((level) => mb(gzipSync(pack, { level }).byteLength));
  console.log(
    [
      `${chunkSize / 1024} KiB`.padStart(10),
      `${chunks.size}`.padStart(8),
      `${packed.length}`.padStart(20),
      six,
      nine,
    ].join("   "),
  );
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(2);
}
