import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import type { KernelSession } from "warmboot";
import { runRoot } from "./roots.ts";
import type { Side, Suite } from "./suite.ts";

/** What a run asks of a suite's script. */
export interface RunRequest {
  readonly suite: Suite;
  /** Single cases; all of them when there are none. */
  readonly cases: readonly string[];
  /** Called with each piece of output. */
  readonly onOutput: (text: string) => void;
}

/** A case's own time limits are this many times as long in the machine. */
const SCALE: Readonly<Record<Side, number>> = { emulated: 10, native: 1 };
const MINUTE_MS = 60_000;
/** The script stops at the limit itself and its last lines are kept; this is for one that does not. */
const GRACE_MS = 20_000;
const GUEST_ROOT = "/var/tmp/suites";

const argumentsOf = (root: string, { suite, cases }: RunRequest, side: Side): string[] => [
  join(root, "enter.sh"),
  root,
  `/${suite.script}`,
  `${suite.limitMinutes[side] * 60}`,
  `${SCALE[side]}`,
  ...cases,
];
const hardLimit = ({ suite }: RunRequest, side: Side): number => suite.limitMinutes[side] * MINUTE_MS + GRACE_MS;

/** Runs a suite on this computer, in a chroot and on one of its cores; resolves when it has ended, or at its limit. */
export async function runNatively(request: RunRequest): Promise<void> {
  // WHY one core: the machine has one too, and cases that spin at real-time priority leave the others to the rest of this computer.
  const child = spawn("taskset", ["-c", "0", "bash", ...argumentsOf(runRoot, request, "native")], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), hardLimit(request, "native"));
  for await (const piece of child.stdout.setEncoding("utf8")) request.onOutput(piece);
  clearTimeout(timer);
}

/** Puts the root and the suites into the machine. */
export async function pushRoot(session: KernelSession): Promise<void> {
  const archive = execFileSync("tar", ["-C", join(runRoot), "--one-file-system", "--numeric-owner", "-cf", "-", "."], {
    maxBuffer: 2 ** 30,
  });
  const unpacked = await session.exec(`mkdir -p ${GUEST_ROOT} && tar -C ${GUEST_ROOT} -xf -`, { stdin: archive });
  if (unpacked.exitCode !== 0) throw new Error(`cannot unpack the root in the guest: ${unpacked.stderr}`);
}

/** Runs a suite in the machine, likewise. */
export async function runEmulated(session: KernelSession, request: RunRequest): Promise<void> {
  const child = await session.spawn(["sh", ...argumentsOf(GUEST_ROOT, request, "emulated")]);
  const timer = setTimeout(() => child.kill("SIGKILL"), hardLimit(request, "emulated"));
  const decoder = new TextDecoder();
  for await (const piece of child.stdout as unknown as AsyncIterable<Uint8Array>)
    request.onOutput(decoder.decode(piece, { stream: true }));
  clearTimeout(timer);
}
