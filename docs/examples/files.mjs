// Takes a file into a machine, changes it there, and gets it out again.
//   node docs/examples/files.mjs [IMAGE]
import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { KernelSession } from "warmboot";

const image = process.argv[2] ?? "image/.cache/default/image.json";
const session = await KernelSession.boot({ image });

const original = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 256);
await session.files.write("/root/data.bin", original);

const inside = await session.exec(
  "sha256sum < data.bin; gzip -k data.bin; gzip -l data.bin.gz | awk 'NR == 2 { print $2 }'",
);
const [sum, size] = inside.stdout.split("\n");
console.log(sum.startsWith(createHash("sha256").update(original).digest("hex")) ? "arrived whole" : "damaged", size);

// Packed by the guest, unpacked here.
const packed = gunzipSync(await session.files.read("/root/data.bin.gz"));
console.log(packed.equals(Buffer.from(original)) ? "came back whole" : "damaged");

await session.close();
