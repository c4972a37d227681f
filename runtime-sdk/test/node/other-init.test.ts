/** The agent where it is not process 1, as in an image of image/buildroot/, and that tree's script for the machine's start. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { boot, rejection } from "../support/machine.ts";

const overlay = fileURLToPath(new URL("../../../image/buildroot/board/warmboot/rootfs-overlay/", import.meta.url));

it("the agent serves under another init, and again when that starts it anew", async () => {
  // A shell is process 1; it mounts what the agent needs and keeps it running.
  const init = "mount -t proc proc /proc; mount -t sysfs sysfs /sys; while :; do /usr/sbin/warmboot-agent; done";
  const session = await boot({ kernelArgs: `init=/bin/sh -- -c "${init}"` });
  try {
    const run = async (command: string, stdin = "") => (await session.exec(command, { stdin })).stdout;
    expect(await run("cat /proc/1/comm; echo $((6*7))")).toBe("sh\n42\n");
    const killed = await rejection(session.exec("kill -9 $PPID; sleep 1000"));
    expect(killed.code).toBe("link-broken");
    expect(await run("echo $((6*8))")).toBe("48\n");

    const script = readFileSync(`${overlay}etc/init.d/S05cgroup`, "utf8");
    const mounts = "grep -c '^cgroup2 /sys/fs/cgroup ' /proc/mounts";
    expect(await run(mounts)).toBe("0\n");
    for (let i = 0; i < 2; i++) {
      expect(await run(`sh -s start; echo $?; ${mounts}`, script)).toBe("0\n1\n");
    }
    expect((await session.exec("sh -s sideways", { stdin: script })).exitCode).toBe(1);
  } finally {
    await session.close();
  }
});
