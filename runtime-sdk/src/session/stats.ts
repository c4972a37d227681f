import type { MachineFigures } from "../machine/index.ts";
import type { FileOptions, SessionFiles } from "./files/index.ts";

/** What a machine uses. */
export interface MachineStats {
  /** RAM. */
  readonly memory: {
    /** RAM that the guest's kernel can use. */
    readonly totalBytes: number;
    /** What programs could still get: free memory, and caches that can be given up. */
    readonly availableBytes: number;
  };
  /** Processes that ran or waited for the disk, averaged over 1, 5 and 15 minutes. */
  readonly load: readonly [number, number, number];
  /** The root file system. */
  readonly disk: {
    /** Size of the root file system. */
    readonly totalBytes: number;
    /** What is free of it. */
    readonly freeBytes: number;
    /** What the machine has written and that is not in its image. */
    readonly ownBytes: number;
  };
  /** Time since the guest's kernel was started, in seconds. */
  readonly uptimeSeconds: number;
  /** Processes that are there, with the kernel's own. */
  readonly processes: number;
  /** Instructions that the emulated CPU has executed since it was started. */
  readonly instructions: number;
}

const BLOCK_BYTES = 4096;

/** Asks the guest and the emulator. */
export async function readStats(
  files: SessionFiles,
  figures: () => Promise<MachineFigures>,
  options: FileOptions,
): Promise<MachineStats> {
  const [memory, load, uptime, space, processes, { instructions, ownBlocks }] = await Promise.all([
    files.readText("/proc/meminfo", options),
    files.readText("/proc/loadavg", options),
    files.readText("/proc/uptime", options),
    files.space("/", options),
    files.list("/proc", options),
    figures(),
  ]);
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(memory)?.[1]) * 1024;
  const [one = 0, five = 0, fifteen = 0] = load.split(" ").map(Number);
  return {
    memory: { totalBytes: kib("MemTotal"), availableBytes: kib("MemAvailable") },
    load: [one, five, fifteen],
    disk: { ...space, ownBytes: ownBlocks * BLOCK_BYTES },
    uptimeSeconds: Number.parseFloat(uptime),
    processes: processes.filter(({ name }) => /^\d+$/.test(name)).length,
    instructions,
  };
}
