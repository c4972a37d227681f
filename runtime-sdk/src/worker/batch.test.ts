import { expect, it } from "vitest";
import { Batch } from "./batch.ts";

it("hands on what arrived in one turn as one piece, in order, and the next turn's apart", async () => {
  const seen: number[][] = [];
  const batch = new Batch((bytes) => seen.push([...bytes]));
  batch.add(Uint8Array.of(1, 2));
  batch.add(Uint8Array.of(3));
  expect(seen).toEqual([]);
  await Promise.resolve();
  batch.add(Uint8Array.of(4));
  await Promise.resolve();
  expect(seen).toEqual([[1, 2, 3], [4]]);
});
