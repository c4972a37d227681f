import { describe, expect, it } from "vitest";
import type { BootProgress, BootStage } from "warmboot";
import { boot, imageUrl, Screen } from "./support/machine.ts";

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

  it("holds no memory that is free in it, and little of its devices", async () => {
    const { base, memoryMb } = await (await fetch(imageUrl())).json();
    const rawBytes = (files: readonly { readonly rawBytes: number }[]) =>
      files.reduce((sum, file) => sum + file.rawBytes, 0);
    await using session = await boot();
    const { stdout } = await session.exec("awk '/MemFree/ { print $2 }' /proc/meminfo");
    const usedBytes = memoryMb * 2 ** 20 - Number(stdout) * 1024;
    console.log(`memory in use ${usedBytes}, in the image ${rawBytes(base.records.memory)} bytes`);
    expect(rawBytes(base.records.memory)).toBeLessThan(usedBytes);
    expect(rawBytes([base.records.devices])).toBeLessThan(2 * 2 ** 20);
  });

  it("gives each machine an identity of its own", async () => {
    const [a, b] = await Promise.all([boot(), boot()]);
    const command =
      "cat /etc/machine-id; cat /sys/class/net/eth0/address; head -c 32 /dev/urandom | sha256sum; openssl genpkey -algorithm ed25519 | openssl pkey -pubout | grep MCow";
    const [first, second] = await Promise.all(
      [a, b].map(async (session) => (await session.exec(command)).stdout.trim().split("\n")),
    );
    expect(first).toHaveLength(4);
    expect(first?.[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(first?.[1]).toMatch(/^[0-9a-f:]{17}$/);
    for (const [i, value] of first?.entries() ?? []) expect(second?.[i]).not.toBe(value);
    await Promise.all([a.close(), b.close()]);
  });

  it("has a shell at its prompt, which the first terminal of its kind takes, and only that", async () => {
    const env = { TERM: "xterm-256color", COLORTERM: "truecolor" };
    await using session = await boot();
    const shells = async () => (await session.exec("pgrep -x bash")).stdout.trim().split("\n").filter(Boolean);
    const [waiting, ...others] = await shells();
    expect(others).toEqual([]);
    const plain = await session.openTerminal();
    expect(String(plain.pid)).not.toBe(waiting);
    const terminal = await session.openTerminal({ env, cols: 100, rows: 30 });
    expect(String(terminal.pid)).toBe(waiting);
    const screen = new Screen(terminal.stdout);
    await screen.until(/root@warmboot.*# /);
    const writer = terminal.stdin.getWriter();
    await writer.write(new TextEncoder().encode("stty size; echo $TERM-$COLORTERM-$((6*7))\n"));
    await screen.until(/30 100\r\n/);
    await screen.until(/xterm-256color-truecolor-42\r\n/);
    expect(await shells()).toHaveLength(2);
    const next = await session.openTerminal({ env });
    expect(await shells()).toHaveLength(3);
    for (const each of [plain, terminal, next]) each.kill("SIGHUP");
  });

  it("has no shell any more that nobody has opened, once it is forked or saved", async () => {
    await using session = await boot();
    expect((await session.exec("pgrep -x bash")).exitCode).toBe(0);
    await using copy = await session.fork();
    expect(copy.terminals).toEqual([]);
    for (const each of [session, copy]) expect((await each.exec("pgrep -x bash")).exitCode).toBe(1);
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
