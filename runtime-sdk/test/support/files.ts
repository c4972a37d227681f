import { expect } from "vitest";
import type { KernelSession } from "warmboot";
import { rejection } from "./machine.ts";

/** Runs a shell command that must succeed, and gives its output. */
export async function run(session: KernelSession, command: string): Promise<string> {
  const result = await session.exec(command);
  expect(result.exitCode, result.stderr).toBe(0);
  return result.stdout;
}

export async function failsWith(promise: Promise<unknown>, errnoName: string): Promise<void> {
  expect(await rejection(promise)).toMatchObject({ code: "file-failed", errnoName });
}

/** Descriptors that root's file server has open beyond stdin, stdout and stderr. */
export async function openHandles(session: KernelSession): Promise<number> {
  const [pid] = (await run(session, "pgrep -u 0 -x -f '/usr/sbin/warmboot-agent files'")).split("\n");
  return Number(await run(session, `ls /proc/${pid}/fd | wc -l`)) - 3;
}
