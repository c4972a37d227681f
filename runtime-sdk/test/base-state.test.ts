import { describe, expect, it } from "vitest";
import type { BootProgress, BootStage } from "warmboot";
import { boot, imageUrl } from "./support/machine.ts";

function stages(): { readonly onProgress: (progress: BootProgress) => void; readonly seen: Set<BootStage> } {
  const seen = new Set<BootStage>();
  return { seen, onProgress: ({ stage }) => void seen.add(stage) };
}

describe("the booted machine that an image brings along", () => {
  it("is what a new machine goes on from", async () => {
    const { seen, onProgress } = stages();
    await using session = await boot({ onProgress });
    expect([...seen]).toEqual(["download", "start", "restore", "ready"]);
    expect(session.opened).toEqual({ how: "new" });
    expect((await session.exec("echo $((6*7))")).stdout).toBe("42\n");
    expect(session.terminals).toEqual([]);
    // The clock is the host's, not that of the day on which the image was prepared.
    const { stdout } = await session.exec("date +%s");
    expect(Math.abs(Number(stdout) - Date.now() / 1000)).toBeLessThan(60);
  });

  it("gives each machine an identity of its own", async () => {
    const [a, b] = await Promise.all([boot(), boot()]);
    const command =
      "cat /etc/machine-id; cat /sys/class/net/eth0/address; head -c 32 /dev/urandom | sha256sum; openssl rand -hex 16";
    const [first, second] = await Promise.all(
      [a, b].map(async (session) => (await session.exec(command)).stdout.trim().split("\n")),
    );
    expect(first).toHaveLength(4);
    expect(first?.[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(first?.[1]).toMatch(/^[0-9a-f:]{17}$/);
    for (const [i, value] of first?.entries() ?? []) expect(second?.[i]).not.toBe(value);
    await Promise.all([a.close(), b.close()]);
  });

  it.each([
    ["coldBoot is asked for", { coldBoot: true }],
    ["the kernel gets other arguments", { kernelArgs: "quiet" }],
    ["the memory is another", { memoryMb: 192 }],
    ["the disk is another", { diskMb: 5000 }],
  ])("is left alone when %s", async (_when, options) => {
    const { seen, onProgress } = stages();
    await using session = await boot({ ...options, onProgress });
    expect([...seen]).toEqual(["download", "start", "kernel", "agent", "ready"]);
    expect((await session.exec("echo $((6*7))")).stdout).toBe("42\n");
  });

  it.each(["status-404-base", "damage-base"])("is done without when it cannot be had (%s)", async (fault) => {
    const { seen, onProgress } = stages();
    await using session = await boot({ image: imageUrl(fault), onProgress });
    expect([...seen]).toEqual(["download", "start", "kernel", "agent", "ready"]);
    expect((await session.exec("echo $((6*7))")).stdout).toBe("42\n");
  });

  it("boots anew from the disk on a reboot", async () => {
    await using session = await boot();
    const bootId = async () => (await session.exec("cat /proc/sys/kernel/random/boot_id")).stdout;
    const before = await bootId();
    await session.files.write("/root/kept", "kept");
    await session.reboot();
    expect(await bootId()).not.toBe(before);
    expect(await session.files.readText("/root/kept")).toBe("kept");
  });
});
