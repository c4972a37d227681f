/** The Debian i386 roots: one to build the suites in, and a small one that both runs use, so that only the machine differs. */
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, path } from "../paths.ts";
import { suites } from "./suite.ts";

const directory = join(cacheDirectory, "foreign");
const buildRoot = join(directory, "build");
export const runRoot = join(directory, "run");
const BUILD_PACKAGES = ["build-essential", "dpkg-dev", "apt", "debian-archive-keyring"];
const RUN_PACKAGES = ["bash", "bzip2", "cpio", "procps", "psmisc", "unzip", "xz-utils", "zip"];
const scripts = path("e2e/conformance/foreign/suites/");

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: "inherit" });

function makeRoot(root: string, packages: readonly string[]): void {
  if (!existsSync(root)) run(path("e2e/conformance/debian/make-root.sh"), root, ...packages);
}

/** Builds what is not built yet; resolves with the versions of the sources, "package version" a line. */
export function prepareRoots(): string[] {
  if (process.getuid?.() !== 0) throw new Error("the foreign suites run in a chroot: run this as root");
  mkdirSync(directory, { recursive: true });
  makeRoot(buildRoot, BUILD_PACKAGES);
  copyFileSync(join(scripts, "build.sh"), join(buildRoot, "build.sh"));
  run("chroot", buildRoot, "/bin/sh", "/build.sh");
  makeRoot(runRoot, RUN_PACKAGES);
  // WHY not the computer's own: the suites look up localhost, and nothing else is there to be asked.
  writeFileSync(join(runRoot, "etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  writeFileSync(join(runRoot, "etc/resolv.conf"), "");
  run("cp", "-au", join(buildRoot, "suites"), runRoot);
  for (const script of ["enter.sh", ...suites.map((suite) => suite.script)])
    copyFileSync(join(scripts, script), join(runRoot, script));
  return readFileSync(join(runRoot, "suites/versions"), "utf8").trim().split("\n");
}
