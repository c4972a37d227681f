import { expect, it } from "vitest";
import { IdeDisk } from "./ide-disk.ts";

/** A disk whose reads end when they are told to. */
function slowDisk(isRestored = false) {
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
    isRestored,
  );
  return { disk, end: () => ends.shift()?.() };
}

function unexpected(): never {
  throw new Error("it is not busy");
}

it("tells that it stays busy, once, and does not do the work later", async () => {
  const { disk, end } = slowDisk();
  const order: string[] = [];
  disk.get(0, 512, () => order.push("read"));
  await new Promise<void>((resolve) => disk.whenIdle(() => order.push("idle"), 10, resolve));
  end();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(order).toEqual(["read"]);
});

it("is idle at once when nothing is under way", () => {
  let idle = 0;
  slowDisk().disk.whenIdle(() => idle++, 1, unexpected);
  expect(idle).toBe(1);
});

it("is idle only when the guest has got what it waits for", async () => {
  const { disk, end } = slowDisk();
  const order: string[] = [];
  disk.get(0, 512, () => order.push("read"));
  disk.set(0, new Uint8Array(512), () => order.push("written"));
  disk.whenIdle(() => order.push("idle"), 60_000, unexpected);
  expect(order).toEqual([]);
  end();
  await new Promise((resolve) => setTimeout(resolve));
  expect(order).toEqual(["read"]);
  end();
  await new Promise((resolve) => setTimeout(resolve));
  expect(order).toEqual(["read", "written", "idle"]);
});

it("has a first sector to be made with; a machine that is restored does not wait for it", async () => {
  const first = (isRestored: boolean) =>
    new Promise<string>((resolve) => {
      const { disk, end } = slowDisk(isRestored);
      let asked = false;
      disk.get_and_cache(0, 512, (bytes) => resolve(`${bytes.byteLength} ${asked ? "read" : "at once"}`));
      asked = true;
      end();
    });
  expect(await first(false)).toBe("512 read");
  expect(await first(true)).toBe("512 at once");
});
