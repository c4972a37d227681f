import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { gzipInPieces } from "./gzip-in-pieces.ts";

/** Half of it can be packed. */
function sample(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, i) => ((i >> 12) % 2 === 0 ? i >> 8 : Math.imul(i, 2654435761) >>> 13));
}

it.each([0, 1, 65_536, 65_537, 131_072, 1_000_003])("gives %i bytes back", async (size) => {
  const bytes = sample(size);
  const packed = await gzipInPieces(bytes);
  expect(packed.byteLength).toBe(packed.buffer.byteLength);
  expect(Buffer.compare(gunzipSync(packed), bytes)).toBe(0);
});

it("lets other tasks run between its pieces", async () => {
  let tasks = 0;
  const counting = setInterval(() => tasks++, 0);
  await gzipInPieces(sample(64 * 65_536));
  clearInterval(counting);
  expect(tasks).toBeGreaterThan(10);
});
