import type { Opened } from "warmboot";
import type { Phase } from "./beside/messages.ts";

/** What has happened in a run. */
export interface Summary {
  cycles: number;
  /** Restarts that were looked at, by how the machine came up. */
  readonly restarts: Record<Exclude<Opened["how"], "fork">, number>;
  /** Reboots of a machine that had come up. */
  reboots: number;
  /** Cold starts in which ext4 replayed its journal. */
  replayed: number;
  /** What was under way when a life was killed. */
  readonly killed: Partial<Record<Phase, number>>;
  /** Of these, kills of a whole browser. */
  browsers: number;
  saves: number;
  /** Times that the machine was asked for while it still belonged to the life before. */
  locked: number;
  /** Restarts in which all records were compared and both databases checked. */
  full: number;
  /** Looks with e2fsck at the disk as it lies in the store. */
  disks: number;
  /** Restarts after which a half-written record was found at the end of a file. */
  torn: number;
  /** Last record that was committed, and the last that there was in the end. */
  committed: number;
  records: number;
}

export function emptySummary(): Summary {
  return {
    cycles: 0,
    restarts: { new: 0, warm: 0, previous: 0, cold: 0 },
    reboots: 0,
    replayed: 0,
    killed: {},
    browsers: 0,
    saves: 0,
    locked: 0,
    full: 0,
    disks: 0,
    torn: 0,
    committed: 0,
    records: 0,
  };
}

/** A summary in one line. */
export function lineOf(summary: Summary): string {
  const { cycles, restarts, reboots, replayed, killed, browsers, saves, locked, full, disks, torn } = summary;
  const { committed, records } = summary;
  const { warm, previous, cold } = restarts;
  const phases = (["starting", "opening", "checking", "saving", "committing", "running"] as const)
    .filter((phase) => killed[phase])
    .map((phase) => `${phase} ${killed[phase]}`);
  return [
    `${cycles} kills (${phases.join(", ")}${browsers > 0 ? `; ${browsers} of the whole browser` : ""})`,
    `restarts ${warm} warm, ${previous} previous, ${cold} cold (journal replayed in ${replayed}), ${restarts.new} new, ${reboots} reboots`,
    `${saves} saves, ${committed} records committed, ${records} at the end`,
    `checked in full ${full} times, disk by e2fsck ${disks} times; torn tails ${torn}; waited for the lock ${locked} times`,
  ].join("; ");
}
