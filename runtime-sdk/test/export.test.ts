import { expect, it } from "vitest";
import { memoryStore, savedMachines } from "warmboot";
import { boot, imageUrl, readAll, rejection } from "./support/machine.ts";
import { placeForStore } from "./support/store-place.ts";

const IDENTITY = "cat /etc/machine-id /sys/class/net/eth0/address";

/** The file in pieces, as a disk or a network gives it. */
function streamOf(file: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (at >= file.length) return controller.close();
      controller.enqueue(file.slice(at, at + 100_000));
      at += 100_000;
    },
  });
}

it("a machine goes into a file while it runs, and goes on from there elsewhere, as a machine of its own", async () => {
  const place = await placeForStore();
  let file: Uint8Array;
  let identity: string;
  {
    await using session = await boot({ machine: "a", store: memoryStore() });
    await session.exec("echo $((6*7)) > /run/memory; echo $((7*8)) > /root/disk; sleep 100000 & echo $! > /run/job");
    const stream = await session.export();
    // What comes after is not in it.
    await session.exec("rm /run/memory /root/disk");
    for (let i = 0; i < 3; i++) await session.save();
    file = await readAll(stream);
    identity = (await session.exec(IDENTITY)).stdout;
  }
  const machines = savedMachines(place.again());
  const info = await machines.import(streamOf(file), { name: "b" });
  expect(await machines.list()).toEqual([info]);
  expect(info).toMatchObject({
    name: "b",
    snapshots: [],
    openIn: null,
    last: { memoryMb: 256, diskMb: 4096, isOff: false, bytes: info.bytes },
  });
  for (const round of [1, 2]) {
    await using session = await boot({ machine: "b", store: place.again() });
    expect(session.opened).toMatchObject({ how: "warm" });
    const found = await session.exec(
      "cat /run/memory /root/disk; kill -0 $(cat /run/job) && echo alive; dmesg | grep -ci 'ext4.*error'",
    );
    expect(found.stdout).toBe("42\n56\nalive\n0\n");
    const mine = (await session.exec(IDENTITY)).stdout;
    if (round === 1) for (const part of mine.trim().split("\n")) expect(identity).not.toContain(part);
    else expect(mine).toBe(identity);
    identity = mine;
    await session.save();
  }
  const again = await readAll(await machines.export("b"));
  const copy = await machines.import(streamOf(again), { name: "c" });
  expect(copy.bytes).toBeGreaterThan(1_000_000);
  await place.remove();
});

it("a file that is damaged, cut or of a machine of another image", async () => {
  const place = await placeForStore();
  const store = place.again();
  let file: Uint8Array;
  {
    await using session = await boot({ machine: "a", store: memoryStore() });
    await session.exec("echo $((6*9)) > /root/disk");
    file = await readAll(await session.export());
    expect(await rejection(session.export({ timeoutMs: 0 }))).toMatchObject({ code: "invalid-option" });
  }
  const machines = savedMachines(store);
  for (const share of [0.001, 0.2, 0.5, 0.999]) {
    const at = Math.floor(file.length * share);
    const flipped = file.slice();
    flipped[at] = (flipped[at] as number) ^ 8;
    for (const bad of [flipped, file.subarray(0, at)])
      expect(await rejection(machines.import(streamOf(bad)))).toMatchObject({ code: "machine-file-refused" });
  }
  expect(await store.machines()).toEqual([]);
  await machines.import(streamOf(file));
  // At an address that has none of its images.
  const refused = await rejection(boot({ machine: "a", store: place.again(), image: imageUrl("strange") }));
  expect(refused).toMatchObject({ code: "image-mismatch", imageName: "other" });
  {
    await using session = await boot({ machine: "a", store: place.again() });
    expect(session.opened).toMatchObject({ how: "warm" });
    expect((await session.exec("cat /root/disk")).stdout).toBe("54\n");
  }
  await place.remove();
});

it("a machine without a name has no file", async () => {
  await using session = await boot();
  expect(await rejection(session.export())).toMatchObject({ code: "invalid-option", option: "machine" });
});
