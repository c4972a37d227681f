import { KernelSession } from "warmboot";
import { deriveImage } from "../derive.ts";
import { cacheDir, prebuiltDir } from "../paths.ts";
import { waitForPrompt } from "../wait-for-prompt.ts";

// measure-boot [--rounds N] [--add "words"] ...
// Boots to a login shell's prompt with the image's command line, and with each addition given, in turn, N times.
interface BootTimes {
  readonly kernel: number;
  readonly agent: number;
  readonly prompt: number;
  /** Million instructions to the prompt. */
  readonly instructions: number;
}

const variants = [""];
let rounds = 5;
for (let args = process.argv.slice(2); args.length > 0; args = args.slice(2)) {
  const [option, value] = args;
  if (value === undefined) throw new Error(`${option} needs a value`);
  if (option === "--rounds") rounds = Number(value);
  else if (option === "--add") variants.push(value);
  else throw new Error(`unknown option ${option}`);
}

const directory = `${cacheDir}/default`;
await deriveImage({ from: prebuiltDir, to: directory });
const results = new Map<string, BootTimes[]>(variants.map((variant) => [variant, []]));
for (let round = 0; round < rounds; round++) {
  for (const variant of variants) results.get(variant)?.push(await measure(variant));
}

console.log(`median of ${rounds}: milliseconds to kernel, agent, prompt; million instructions to the prompt`);
for (const [variant, times] of results) {
  const columns = (["kernel", "agent", "prompt", "instructions"] as const).map((what) =>
    median(times.map((time) => time[what]))
      .toFixed(0)
      .padStart(6),
  );
  console.log(`${columns.join("  ")}  ${variant || "as built"}`);
}

async function measure(kernelArgs: string): Promise<BootTimes> {
  const start = performance.now();
  let kernel = Number.NaN;
  await using session = await KernelSession.boot({
    image: `${directory}/image.json`,
    kernelArgs,
    coldBoot: true,
    onConsole: () => {
      if (Number.isNaN(kernel)) kernel = performance.now() - start;
    },
  });
  const agent = performance.now() - start;
  const terminal = await session.openTerminal();
  await waitForPrompt(terminal.stdout);
  const prompt = performance.now() - start;
  const { instructions } = await session.stats();
  return { kernel, agent, prompt, instructions: instructions / 1e6 };
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
