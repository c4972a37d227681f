import { expect, it } from "vitest";
import { IdeDisk } from "./ide-disk.ts";

/** A disk whose reads end when they are told to. */
function slowDisk() {
  const ends: (() => void)[] = [];
  const disk = new IdeDisk(
    {
      byteLength: 4096,
      readNow: () => null,
      read: () => new Promise((resolve) => ends.push(() => resolve(new Uint8Array(512)))),
      writeNow: () => false,
      write: () => new Promise((resolve) => ends.push(resolve)),
    },
    () => {},
  );
  return { disk, end: () => ends.shift()?.() };
}

it("is idle at once when nothing is under way", () => {
  let idle = 0;
  slowDisk().disk.whenIdle(() => idle++);
  expect(idle).toBe(1);
});

it("is idle only when the guest has got what it waits for", async () => {
  const { disk, end } = slowDisk();
  const order: string[] = [];
  disk.get(0, 512, () => order.push("read"));
  disk.set(0, new Uint8Array(512), () => order.push("written"));
  disk.whenIdle(() => order.push("idle"));
  expect(order).toEqual([]);
  end();
  await new Promise((resolve) => setTimeout(resolve));
  expect(order).toEqual(["read"]);
  end();
  await new Promise((resolve) => setTimeout(resolve));
  expect(order).toEqual(["read", "written", "idle"]);
});
