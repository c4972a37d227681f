import { readFile, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { BASE_VERSION, type CapturedBase, captureBase } from "warmboot/base-state";
import type { BaseShell, BaseState, ImageManifest, StateFile } from "warmboot/manifest";
import { type Bytes, sha256 } from "./digest.ts";
import { imageDir } from "./paths.ts";
import { publishFile, replaceFile } from "./publish.ts";
import { waitForPrompt } from "./wait-for-prompt.ts";

const compress = promisify(gzip);

/** Raise this when the same image gives another state. */
const DERIVE_BASE_VERSION = 7;
/** What people type first: read from the disk here, and not by each visitor chunk by chunk. Each program makes the state some 50 kB larger. */
const FIRST_COMMANDS =
  "cd /; ls -la --color=auto; pwd; uname -a; id; date; cat /etc/hostname | head -1 | tail -1; grep -c . /etc/passwd; sed -n 1p /etc/passwd; mkdir /tmp/d; touch /tmp/d/a; cp /tmp/d/a /tmp/d/b; mv /tmp/d/b /tmp/d/c; rm -r /tmp/d; clear";
/** What the site's terminals are opened with. */
const SHELL_ENV = { TERM: "xterm-256color", COLORTERM: "truecolor" };
const GZIP_LEVEL = 9;
/** Puts `download` and `upload` into the machine, from stdin. */
const PLACE_COMMANDS = "cd /usr/local/bin && cat > download && chmod 755 download && ln -s download upload";

/**
 * Boots the prepared image of a folder and puts the booted machine beside it, for new machines to go on from. Does nothing when it is
 * there already.
 * @returns whether anything was made.
 */
export async function deriveBase(directory: string): Promise<boolean> {
  const manifestFile = `${directory}/image.json`;
  const manifest = JSON.parse(await readFile(manifestFile, "utf8")) as ImageManifest;
  const commands = await readFile(`${imageDir}commands/download`);
  const stamp = `${DERIVE_BASE_VERSION} ${BASE_VERSION} ${sha256(commands)}\n`;
  if (manifest.base && (await readFile(`${directory}/base.stamp`, "utf8").catch(() => "")) === stamp) return false;
  let output = "";
  const captured = await captureBase(manifestFile, async (session) => {
    // It waits there for the first terminal that somebody opens.
    const terminal = await session.openTerminal({ env: SHELL_ENV });
    output = await waitForPrompt(terminal.stdout);
    // WHY here and not in the disk: they belong to the page, and change with it without a new disk.
    const placed = await session.exec(PLACE_COMMANDS, { stdin: commands });
    if (placed.exitCode !== 0) throw new Error(`the page's commands have no place in the machine: ${placed.stderr}`);
    await session.exec(FIRST_COMMANDS, { shell: "/bin/bash", env: { TERM: "xterm-256color" } });
    // By sh: what programs run is run by it.
    await session.exec("true && sync");
  });
  const base = await publishBase(directory, captured, { env: SHELL_ENV, output });
  await replaceFile(manifestFile, `${JSON.stringify({ ...manifest, base }, null, 2)}\n`);
  await writeFile(`${directory}/base.stamp`, stamp);
  if (manifest.base) await Promise.all(filesOf(manifest.base).map(({ file }) => removeUnless(base, directory, file)));
  return true;
}

async function publishBase(
  directory: string,
  { guard, devices, memory, disk }: CapturedBase,
  shell: BaseShell,
): Promise<BaseState> {
  const publish = async (name: string, bytes: Bytes): Promise<StateFile> => ({
    ...(await publishFile(directory, name, await compress(bytes, { level: GZIP_LEVEL }))),
    rawBytes: bytes.byteLength,
  });
  return {
    ...guard,
    shell,
    records: {
      devices: await publish("base-devices", devices),
      memory: await Promise.all(memory.map((bytes) => publish("base-memory", bytes))),
      disk: await Promise.all(disk.map((bytes) => publish("base-disk", bytes))),
    },
  };
}

function filesOf({ records: { devices, memory, disk } }: BaseState): StateFile[] {
  return [devices, ...memory, ...disk];
}

async function removeUnless(base: BaseState, directory: string, file: string): Promise<void> {
  if (!filesOf(base).some((kept) => kept.file === file)) await rm(`${directory}/${file}`, { force: true });
}
