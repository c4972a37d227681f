import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import type { KernelSession } from "warmboot";
import { runRoot } from "./roots.ts";
import { type Outcomes, parseOutcomes, type Suite } from "./suite.ts";

/** An emulated case may take ten times as long as a native one. */
const EMULATED_SCALE = 10;
const MINUTE_MS = 60_000;
const GUEST_ROOT = "/var/tmp/suites";
const ENVIRONMENT = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8";
// Both get /proc, /dev, /dev/pts, /dev/shm and /dev/mqueue of their own, in a mount namespace that goes with the run.
const ENTER = (root: string) =>
  [
    `cd ${root}`,
    "mount -t proc proc proc",
    "mount -t devtmpfs dev dev 2>/dev/null || mount --rbind /dev dev",
    "mkdir -p dev/pts dev/shm dev/mqueue",
    "mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts",
    "mount -t tmpfs shm dev/shm",
    "mount -t mqueue mqueue dev/mqueue",
    "mount -t tmpfs tmp tmp",
  ].join("; ");

const command = (root: string, suite: Suite, scale: number): string =>
  `${ENTER(root)}; exec chroot . env -i ${ENVIRONMENT} sh /${suite.script} ${scale}`;

/** Runs a suite on this computer, in a chroot. */
export async function runNatively(suite: Suite): Promise<Outcomes> {
  // WHY without that capability: some cases set the clock, and this computer's clock is not theirs to set.
  const argv = ["--bounding-set", "-sys_time", "unshare", "-mpf", "--propagation", "private", "sh", "-c"];
  const child = spawn("setpriv", [...argv, command(runRoot, suite, 1)], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), "SIGKILL"), suite.limitMinutes * MINUTE_MS);
  let text = "";
  for await (const piece of child.stdout.setEncoding("utf8")) text += piece;
  clearTimeout(timer);
  return parseOutcomes(text);
}

/** Puts the root and the suites into the machine. */
export async function pushRoot(session: KernelSession): Promise<void> {
  const archive = execFileSync("tar", ["-C", join(runRoot), "--one-file-system", "--numeric-owner", "-cf", "-", "."], {
    maxBuffer: 2 ** 30,
  });
  const unpacked = await session.exec(`mkdir -p ${GUEST_ROOT} && tar -C ${GUEST_ROOT} -xf -`, { stdin: archive });
  if (unpacked.exitCode !== 0) throw new Error(`cannot unpack the root in the guest: ${unpacked.stderr}`);
}

/** Runs a suite in the machine; the case that was reported last is passed on as it goes. */
export async function runEmulated(
  session: KernelSession,
  suite: Suite,
  onCase: (line: string) => void,
): Promise<Outcomes> {
  const child = await session.spawn([
    "unshare",
    "-mpf",
    "--propagation",
    "private",
    "sh",
    "-c",
    `${command(GUEST_ROOT, suite, EMULATED_SCALE)} 2>/dev/null`,
  ]);
  const timer = setTimeout(() => child.kill("SIGKILL"), suite.limitMinutes * MINUTE_MS * EMULATED_SCALE);
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of child.stdout as unknown as AsyncIterable<Uint8Array>) {
    const added = decoder.decode(piece, { stream: true });
    text += added;
    onCase(added);
  }
  clearTimeout(timer);
  return parseOutcomes(text);
}
