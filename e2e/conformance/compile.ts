/** Compiles the checks of system calls for the guest: one static program, so that it needs nothing of the image. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { programFiles } from "./catalogue.ts";
import { cacheDirectory, path } from "./paths.ts";

const COMPILER = "i686-linux-gnu-gcc";
const PACKAGES = ["gcc-i686-linux-gnu", "libc6-dev-i386-cross"];
const harness = path("e2e/conformance/harness/");

/** Finds the cross compiler, or installs Debian's as root. @throws Error that says what to install. */
export function requireCrossCompiler(): void {
  const found = () => spawnSync(COMPILER, ["--version"], { stdio: "ignore" }).status === 0;
  if (found()) return;
  if (process.getuid?.() === 0 && spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0) {
    console.error(`No ${COMPILER} found: installing Debian's.`);
    execFileSync("apt-get", ["update"], { stdio: ["ignore", "ignore", "inherit"] });
    execFileSync("apt-get", ["install", "-y", "--no-install-recommends", ...PACKAGES], {
      stdio: ["ignore", "ignore", "inherit"],
    });
  }
  if (!found()) throw new Error(`No ${COMPILER}. Debian: \`apt-get install ${PACKAGES.join(" ")}\`.`);
}

/** What is put into the guest. */
export interface CompiledPrograms {
  /** All checks of system calls. */
  readonly checks: Buffer;
  /** The program that is run under gdb and strace, with its symbols. */
  readonly debuggee: Buffer;
}

export function compilePrograms(): CompiledPrograms {
  requireCrossCompiler();
  const out = join(cacheDirectory, "programs");
  mkdirSync(out, { recursive: true });
  const compile = (...args: string[]) => execFileSync(COMPILER, args, { stdio: "inherit" });
  const flags = [
    "-std=gnu17",
    "-Wall",
    "-Wextra",
    "-Wno-unused-parameter",
    "-D_GNU_SOURCE",
    "-D_FILE_OFFSET_BITS=64",
    "-D_TIME_BITS=64",
    "-pthread",
  ];
  const objects: string[] = [];
  for (const file of [join(harness, "harness.c"), ...programFiles()]) {
    const domain = basename(file, ".c");
    const object = join(out, `${domain}.o`);
    compile(...flags, "-O1", `-DDOMAIN="${domain}"`, "-I", harness, "-c", file, "-o", object);
    objects.push(object);
  }
  const checks = join(out, "checks");
  compile("-static", "-s", "-pthread", "-o", checks, ...objects);
  const debuggee = join(out, "debuggee");
  compile("-static", "-g", "-O0", "-o", debuggee, join(harness, "debuggee.c"));
  return { checks: readFileSync(checks), debuggee: readFileSync(debuggee) };
}
