import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openImage } from "../bench/host/image.ts";

const BLOCK = 4096;
/** u32: magic, version, number of blocks, number of zero blocks; see docs/snapshots.md. */
const HEAD = 16;
const FILES = 4;
const TOOL_MS = 120_000;

/**
 * Puts a machine's saved disk together and has e2fsprogs look at it, as after a loss of power: the journal is replayed, then nothing may be
 * wrong, and the committed records must be in their files. Null: nothing is saved, or this computer has no e2fsprogs.
 */
export function checkSavedDisk(packs: readonly string[], folder: string, committed: number): string[] | null {
  if (packs.length === 0 || run("e2fsck", ["-V"]).status !== 0) return null;
  const disk = join(folder, "disk.raw");
  // WHY cp: it leaves the holes of four gigabytes as they are.
  const copied = run("cp", ["--sparse=always", openImage().rawDisk, disk]);
  if (copied.status !== 0) return [`the disk cannot be copied: ${copied.text}`];
  for (const pack of packs) overlay(disk, Buffer.from(pack, "base64"));
  const replayed = run("e2fsck", ["-p", disk]);
  // 1: the journal was replayed, what was open and deleted is gone. See e2fsck(8).
  if (replayed.status !== 0 && replayed.status !== 1) return [`the saved disk cannot be mounted: ${replayed.text}`];
  const checked = run("e2fsck", ["-fn", disk]);
  if (checked.status !== 0) return [`e2fsck of the saved disk: ${checked.text}`];
  const problems = checkRecords(disk, committed);
  if (problems.length === 0) rmSync(disk);
  return problems;
}

function overlay(disk: string, pack: Buffer): void {
  const count = pack.readUInt32LE(8);
  const zeros = pack.readUInt32LE(12);
  const number = (i: number) => pack.readUInt32LE(HEAD + 4 * i);
  const bytes = HEAD + 4 * (count + zeros);
  const file = openSync(disk, "r+");
  for (let i = 0; i < count; i++) writeSync(file, pack, bytes + i * BLOCK, BLOCK, number(i) * BLOCK);
  for (let i = 0; i < zeros; i++) writeSync(file, Buffer.alloc(BLOCK), 0, BLOCK, number(count + i) * BLOCK);
  closeSync(file);
}

function checkRecords(disk: string, committed: number): string[] {
  const problems: string[] = [];
  for (let i = 0; i < FILES; i++) {
    const { text } = run("debugfs", ["-R", `cat /root/crash/records.${i}`, disk]);
    const numbers = text
      .split("\n")
      .flatMap((line) => /^(\d+) [0-9a-f]+ [0-9a-f]{8}$/.exec(line)?.[1] ?? [])
      .map(Number);
    const gap = numbers.findIndex((number, k) => number !== k * FILES + (i || FILES));
    if (gap >= 0) problems.push(`on the saved disk, line ${gap + 1} of records.${i} has record ${numbers[gap]}`);
    const last = numbers.at(-1) ?? 0;
    if (last + FILES <= committed)
      problems.push(`on the saved disk, records.${i} ends with ${last} of ${committed} committed`);
  }
  return problems;
}

function run(command: string, args: readonly string[]): { status: number | null; text: string } {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, LC_ALL: "C" };
  const { status, stdout, stderr } = spawnSync(command, [...args], {
    encoding: "utf8",
    env,
    timeout: TOOL_MS,
    maxBuffer: 2 ** 28,
  });
  return { status, text: `${stdout}${stderr}` };
}
