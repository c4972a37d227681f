import { mkdir } from "node:fs/promises";
import { hashInputs } from "../inputs.ts";
import { buildDir, imageDir } from "../paths.ts";
import type { Recipe } from "../recipe.ts";
import { run } from "./run.ts";
import { step } from "./steps.ts";

/** Kernel source archive inside Debian's linux-source package. */
const LINUX = `${buildDir}/sources/linux-source-6.12/usr/src/linux-source-6.12.tar.xz`;

/** Runs every step whose inputs have changed: Debian's sources, kernel, agent, root file system, disk. */
export async function buildImage(recipe: Recipe): Promise<void> {
  const env = { SOURCE_DATE_EPOCH: String(recipe.sourceDateEpoch) };
  const versions = `${process.env["DEBIAN_MIRROR"] ?? ""} ${await hashInputs("sources/")}`;
  await step("sources", versions, () => run(`${imageDir}sources/fetch-sources.sh`, [`${buildDir}/sources`], env));

  await step("kernel", `${env.SOURCE_DATE_EPOCH} ${versions} ${await hashInputs("kernel/")}`, () =>
    buildKernel(recipe, `${buildDir}/kernel-src`, `${buildDir}/kernel`),
  );

  await step("agent", `${versions} ${await hashInputs("agent/")}`, async () => {
    await mkdir(`${buildDir}/agent`, { recursive: true });
    await run("make", [
      "-C",
      `${imageDir}agent`,
      "CC=i686-linux-gnu-gcc",
      `MUSL=${buildDir}/sources/musl-dev/usr`,
      `LINUX_HEADERS=${buildDir}/sources/linux-libc-dev/usr/include`,
      `OUT=${buildDir}/agent/warmboot-agent`,
    ]);
  });

  const suites = process.env["DEBIAN_SUITES"] ?? "";
  const rootfs = `${env.SOURCE_DATE_EPOCH} ${process.env["DEBIAN_MIRROR"] ?? ""} ${suites} ${await hashInputs("rootfs/")}`;
  await step("rootfs", rootfs, () => run(`${imageDir}rootfs/build-rootfs.sh`, [`${buildDir}/rootfs.tar`], env));

  await step("disk", [rootfs, await hashInputs("disk/"), JSON.stringify(recipe.disk)].join("\n"), () =>
    buildDisk(recipe, `${buildDir}/disk.raw`),
  );
}

/** Builds the kernel in the folder `work`, the results into `out`. */
export async function buildKernel(recipe: Recipe, work: string, out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  await run(`${imageDir}kernel/build-kernel.sh`, [process.env["LINUX_TARBALL"] ?? LINUX, work, out], {
    SOURCE_DATE_EPOCH: String(recipe.sourceDateEpoch),
  });
}

/** Makes the raw disk from the root file system of the last build. */
export async function buildDisk(recipe: Recipe, out: string): Promise<void> {
  await run(`${imageDir}disk/build-disk.sh`, [`${buildDir}/rootfs.tar`, out], {
    SOURCE_DATE_EPOCH: String(recipe.sourceDateEpoch),
    DISK_SIZE: recipe.disk.size,
    DISK_UUID: recipe.disk.uuid,
    DISK_HASH_SEED: recipe.disk.hashSeed,
    AGENT_SIZE: String(recipe.disk.agentSize),
  });
}
