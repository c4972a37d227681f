/** gdb, which the image does not have: Debian's, fetched now and unpacked in the guest. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { KernelSession } from "warmboot";
import { cacheDirectory, path } from "./paths.ts";

const PACKAGES = ["gdb-minimal"];

/** Resolves with what was installed, e.g. `["gdb-minimal 16.3-1"]`. */
export async function installDebugger(session: KernelSession): Promise<string[]> {
  const directory = join(cacheDirectory, "debuggers");
  mkdirSync(directory, { recursive: true });
  const status = join(directory, "status");
  writeFileSync(status, (await session.exec("cat /var/lib/dpkg/status")).stdoutBytes);
  execFileSync(path("e2e/conformance/debian/fetch-packages.sh"), [directory, status, ...PACKAGES], {
    stdio: "inherit",
  });
  const archive = execFileSync("tar", ["-C", join(directory, "root"), "--owner=0", "--group=0", "-cf", "-", "."], {
    maxBuffer: 2 ** 28,
  });
  const unpacked = await session.exec("tar -C / --keep-directory-symlink -xf - && ldconfig", { stdin: archive });
  if (unpacked.exitCode !== 0) throw new Error(`cannot unpack gdb in the guest: ${unpacked.stderr}`);
  const versions = readFileSync(join(directory, "versions"), "utf8").trim().split("\n");
  return versions.filter((line) => PACKAGES.includes(line.split(" ")[0] ?? ""));
}
