import { readFile } from "node:fs/promises";
import { type BootTimes, bootToShell } from "../boot/boot-to-shell.ts";
import { RecordingDisk } from "../boot/disk.ts";
import { prebuiltDir } from "../paths.ts";
import { readPrebuilt } from "../prebuilt.ts";
import { unpackDisk, unpackKernel } from "../unpack.ts";

// measure-boot [--from folder] [--rounds N] [--kernel bzImage] [--add "words"] ...
// Boots to a login shell's prompt with the prebuilt kernel and command line, and with each change given, in turn, N times.
interface Variant {
  readonly name: string;
  readonly kernel?: string;
  readonly add?: string;
}

const variants: Variant[] = [{ name: "as built" }];
let rounds = 5;
let from = prebuiltDir;
for (let args = process.argv.slice(2); args.length > 0; args = args.slice(2)) {
  const [option, value] = args;
  if (value === undefined) throw new Error(`${option} needs a value`);
  if (option === "--from") from = value;
  else if (option === "--rounds") rounds = Number(value);
  else if (option === "--kernel") variants.push({ name: value, kernel: value });
  else if (option === "--add") variants.push({ name: value, add: value });
  else throw new Error(`unknown option ${option}`);
}

const prebuilt = await readPrebuilt(from);
const disk = await unpackDisk(prebuilt);
const kernel = await unpackKernel(prebuilt);
const results = new Map<Variant, BootTimes[]>(variants.map((variant) => [variant, []]));
for (let round = 0; round < rounds; round++) {
  for (const variant of variants) {
    const { machine, times } = await bootToShell({
      kernel: variant.kernel === undefined ? kernel : await readFile(variant.kernel),
      bios: prebuilt.files["bios.bin"],
      vgaBios: prebuilt.files["vgabios-stdvga.bin"],
      disk: new RecordingDisk(disk),
      cmdline: [prebuilt.manifest.cmdline, variant.add ?? []].flat().join(" "),
      memoryMb: prebuilt.manifest.memoryMb,
    });
    results.get(variant)?.push(times);
    await machine.close();
  }
}

console.log(`median of ${rounds}: milliseconds (million instructions) to kernel, agent, prompt`);
for (const [variant, times] of results) {
  const columns = (["kernel", "agent", "prompt"] as const).map((stage) => {
    const ms = median(times.map((time) => time[stage].ms));
    const instructions = median(times.map((time) => time[stage].instructions)) / 1e6;
    return `${ms} (${instructions.toFixed(1)})`;
  });
  console.log(`${columns.join("  ")}  ${variant.name}`);
}
process.exit(0);

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
