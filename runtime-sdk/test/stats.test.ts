import { afterAll, beforeAll, expect, it } from "vitest";
import type { KernelSession } from "warmboot";
import { boot, rejection } from "./support/machine.ts";

let session: KernelSession;
beforeAll(async () => {
  session = await boot({ memoryMb: 128 });
});
afterAll(() => session?.close());

it("gives what the guest's own tools give", async () => {
  const stats = await session.stats();
  const total = Number((await session.exec("awk '/^MemTotal/ {print $2}' /proc/meminfo")).stdout) * 1024;
  expect(stats.memory.totalBytes).toBe(total);
  expect(stats.memory.availableBytes).toBeGreaterThan(20e6);
  expect(stats.memory.availableBytes).toBeLessThan(total);
  const [size] = (await session.exec("df --output=size -B1 / | tail -1")).stdout.trim().split(/\s+/).map(Number);
  expect(stats.disk.totalBytes).toBe(size);
  expect(stats.disk.freeBytes).toBeGreaterThan(1e9);
  expect(stats.load.every((value) => value >= 0 && value < 100)).toBe(true);
  expect(stats.uptimeSeconds).toBeGreaterThan(0);
  expect(stats.uptimeSeconds).toBeLessThanOrEqual(Number((await session.exec("cut -d' ' -f1 /proc/uptime")).stdout));
});

it("shows what the machine does", async () => {
  const before = await session.stats();
  const sleepers = await Promise.all(Array.from({ length: 5 }, () => session.spawn(["sleep", "1000"])));
  await session.exec("head -c 20000000 /dev/zero > /dev/shm/held; head -c 8000000 /dev/urandom > /root/own; sync");
  const after = await session.stats();
  expect(after.processes - before.processes).toBeGreaterThanOrEqual(4);
  expect(before.memory.availableBytes - after.memory.availableBytes).toBeGreaterThan(10e6);
  expect(after.disk.ownBytes - before.disk.ownBytes).toBeGreaterThan(7.9e6);
  expect(before.disk.freeBytes - after.disk.freeBytes).toBeGreaterThan(7.9e6);
  expect(after.instructions - before.instructions).toBeGreaterThan(1e6);
  for (const sleeper of sleepers) sleeper.kill("SIGKILL");
});

it("tells how much of the time the CPU was busy", async () => {
  const share = async (command: string) => {
    await session.stats();
    const before = session.figures;
    await session.exec(command);
    await session.stats();
    return (session.figures.busyMs - before.busyMs) / (session.figures.takenAtMs - before.takenAtMs);
  };
  const resting = await share("sleep 4");
  const working = await share("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done");
  expect(resting).toBeGreaterThan(0);
  expect(working).toBeGreaterThan(2 * resting);
  expect(working).toBeGreaterThan(0.5);
  expect(working).toBeLessThanOrEqual(1);
});

it("counts instructions beyond 2^32", async () => {
  let { instructions } = await session.stats();
  while (instructions < 2 ** 32) {
    await session.exec("i=0; while [ $i -lt 500000 ]; do i=$((i+1)); done");
    const now = (await session.stats()).instructions;
    expect(now).toBeGreaterThan(instructions);
    instructions = now;
  }
});

it("takes a signal and a time limit", async () => {
  expect(await rejection(session.stats({ signal: AbortSignal.abort() }))).toMatchObject({ code: "aborted" });
  expect(await rejection(session.stats({ timeoutMs: -1 }))).toMatchObject({ code: "invalid-option" });
});
