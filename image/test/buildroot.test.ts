/** What can be checked of image/buildroot/ without Buildroot. What needs kernel sources and BusyBox: `npm run check-buildroot`. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { imageDir, prebuiltDir } from "../src/paths.ts";

const tree = `${imageDir}buildroot`;
const read = (path: string) => readFileSync(path, "utf8");

let work: string;
beforeEach(() => {
  work = mkdtempSync(`${tmpdir()}/warmboot-buildroot-`);
});
afterEach(() => rmSync(work, { recursive: true }));

describe("the kernel's configuration", () => {
  const lines = read(`${tree}/board/warmboot/linux-6.6.config`).match(/^[^#\n].*$/gm) ?? [];
  const kernel = read(`${prebuiltDir}/kernel.config`);

  it("only turns off, and names every symbol once", () => {
    expect(lines.filter((line) => !/^CONFIG_[A-Z0-9_]+=n$/.test(line))).toEqual([]);
    expect(new Set(lines).size).toBe(lines.length);
  });

  it("takes back nothing of the default image's fragment", () => {
    const fragment = read(`${imageDir}kernel/fragment.config`);
    expect(lines.filter((line) => fragment.includes(`\n${line.slice(0, -1)}`))).toEqual([]);
  });

  it("names symbols that the default image's kernel has, and has turned off; one is of 6.6 alone", () => {
    const asked = (line: string) => kernel.includes(`\n# ${line.slice(0, -2)} is not set\n`);
    expect(lines.filter((line) => !asked(line))).toEqual(["CONFIG_SPECULATION_MITIGATIONS=n"]);
  });
});

describe("warmboot_defconfig", () => {
  const text = read(`${tree}/configs/warmboot_defconfig`);

  it("has lines of the right shape, and each symbol once", () => {
    const lines = text.split("\n").filter((line) => line !== "" && !/^# [A-Z]/.test(line));
    const symbol = /^(?:(BR2_\w+)=(?:y|"[^"]*")|# (BR2_\w+) is not set)$/;
    expect(lines.filter((line) => !symbol.test(line) && !/^# BR2_\w+ is not set$/.test(line))).toEqual([]);
    const names = [...text.matchAll(/^(?:# )?(BR2_\w+)/gm)].map(([, name]) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(20);
  });

  it("names files that are here", () => {
    const paths = [...text.matchAll(/\$\(BR2_EXTERNAL_WARMBOOT_PATH\)(\/[^"]+)"/g)].map(([, path]) => tree + path);
    expect(paths.length).toBe(4);
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
  });

  it("has the agent, under the name that Config.in gives it", () => {
    const config = read(`${tree}/package/warmboot-agent/Config.in`);
    const [, symbol] = /^config (BR2_PACKAGE_\w+)$/m.exec(config) ?? [];
    expect(text).toContain(`\n${symbol}=y\n`);
    expect(read(`${tree}/Config.in`)).toContain("package/warmboot-agent/Config.in");
    expect(read(`${tree}/external.desc`)).toMatch(/^name: WARMBOOT$/m);
  });
});

/** Buildroot's part, as far as a generic package calls it: its variables, its two steps. */
const MAKEFILE = `
TARGET_CC := gcc
TARGET_CFLAGS := -D_LARGEFILE_SOURCE -D_LARGEFILE64_SOURCE -D_FILE_OFFSET_BITS=64 -Os -g0
TARGET_LDFLAGS := -Wl,-z,now
TARGET_MAKE_ENV := PATH="$(PATH)"
INSTALL := install
generic-package = $(1)
include $(BR2_EXTERNAL_WARMBOOT_PATH)/external.mk
package: @D = $(BUILD_DIR)
package:
	cp -R $(WARMBOOT_AGENT_SITE)/. $(BUILD_DIR)
	$(WARMBOOT_AGENT_BUILD_CMDS)
	$(WARMBOOT_AGENT_INSTALL_TARGET_CMDS)
`;

it("the package builds the agent with the toolchain's compiler and flags, and installs it", () => {
  writeFileSync(`${work}/Makefile`, MAKEFILE);
  mkdirSync(`${work}/build`);
  const variables = [`BR2_EXTERNAL_WARMBOOT_PATH=${tree}`, `BUILD_DIR=${work}/build`, `TARGET_DIR=${work}/target`];
  const said = execFileSync("make", ["-C", work, "package", ...variables], { encoding: "utf8" });
  expect(said).toMatch(/gcc -std=c11 -D_GNU_SOURCE .* -D_FILE_OFFSET_BITS=64 -Os -g0 -Wl,-z,now -o warmboot-agent /);
  expect(said).not.toContain("-Werror");
  const agent = `${work}/target/usr/sbin/warmboot-agent`;
  expect(statSync(agent).mode & 0o777).toBe(0o755);
  expect(() => execFileSync(agent, ["--wrong"], { stdio: "pipe" })).toThrow(/usage: warmboot-agent/);
});

it("post-build.sh has init keep the agent, once, however often it is called", () => {
  mkdirSync(`${work}/etc`);
  writeFileSync(`${work}/etc/inittab`, "::sysinit:/etc/init.d/rcS\n");
  for (let i = 0; i < 2; i++) execFileSync(`${tree}/board/warmboot/post-build.sh`, [work]);
  expect(read(`${work}/etc/inittab`).match(/^::respawn:\/usr\/sbin\/warmboot-agent$/gm)).toHaveLength(1);
  expect(read(`${work}/etc/inittab`)).toContain("::sysinit:/etc/init.d/rcS\n");
});

it("check-kconfig.sh tells of a symbol that nobody asked for", () => {
  // Stands in for a kernel tree: its `make` configures what the files beside it say.
  mkdirSync(`${work}/tree/scripts/kconfig`, { recursive: true });
  mkdirSync(`${work}/bin`);
  writeFileSync(`${work}/tree/scripts/kconfig/merge_config.sh`, "#!/bin/sh\n");
  writeFileSync(
    `${work}/bin/make`,
    `#!/bin/sh\ncase "$*" in *allnoconfig) cp "$KCONFIG_ALLCONFIG" .config ;; *olddefconfig) echo "CONFIG_$EXTRA=y" >> .config ;; esac\n`,
  );
  for (const file of ["tree/scripts/kconfig/merge_config.sh", "bin/make"]) chmodSync(`${work}/${file}`, 0o755);
  const check = (extra: string) =>
    execFileSync(`${tree}/check/check-kconfig.sh`, [`${work}/tree`], {
      stdio: "pipe",
      encoding: "utf8",
      env: { ...process.env, PATH: `${work}/bin:${process.env["PATH"]}`, EXTRA: extra },
    });
  expect(check("HID")).toContain("left on: HID");
  expect(() => check("FROBNICATE")).toThrow(/on without being asked for:\nFROBNICATE/);
});
