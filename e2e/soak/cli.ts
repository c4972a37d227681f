/** `npm run soak -- [--minutes N] [--runtime node|chromium]`: keeps a machine busy and looks at it all along. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchChromium } from "../bench/host/chromium.ts";
import { openImage } from "../bench/host/image.ts";
import { BenchServer } from "../bench/host/server.ts";
import { startLoad } from "./load.ts";
import type { SoakMachine } from "./machine.ts";
import { nodeMachine } from "./node-machine.ts";
import { pageMachine } from "./page-machine.ts";
import { probe, type Sample } from "./probe.ts";
import { verdict } from "./verdict.ts";

const PAUSE_MS = 5000;

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, runtime: { type: "string" } },
});
const minutes = Number(values.minutes);
const { runtime } = values;
if (!(minutes > 0) || (runtime !== undefined && runtime !== "node" && runtime !== "chromium")) {
  console.error("Usage: npm run soak -- [--minutes N] [--runtime node|chromium]");
  process.exit(2);
}

const image = openImage();
for (const each of runtime ? [runtime] : ["node", "chromium"]) {
  if (each === "node") await soak("Node", await nodeMachine(join(image.directory, "image.json")));
  else await soakChromium();
}

async function soakChromium(): Promise<void> {
  const server = await BenchServer.start(image);
  const browser = await launchChromium();
  try {
    await soak("Chromium", await pageMachine(browser, server.url("")));
  } finally {
    await browser.close();
    server.close();
  }
}

async function soak(name: string, machine: SoakMachine): Promise<void> {
  console.log(`${name}: ${minutes} minutes`);
  console.log("   s   answer ms   clock ms   memory MB   disk MB");
  const samples: Sample[] = [];
  let failure: string | null = null;
  try {
    await startLoad(machine);
    const start = Date.now();
    for (let round = 1; Date.now() - start < minutes * 60_000; round++) {
      const sample = await probe(machine, round, Math.round((Date.now() - start) / 1000));
      samples.push(sample);
      print(sample);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  } finally {
    await machine.close();
  }
  const { ok, text } = verdict(samples, failure);
  console.log(`${name}: ${text}`);
  if (!ok) process.exitCode = 1;
}

function print({ at, answerMs, clockMs, memory, disk }: Sample): void {
  const mb = (bytes: number) => (bytes / 1e6).toFixed(0);
  console.log(
    [
      `${at}`.padStart(4),
      `${answerMs}`.padStart(9),
      `${clockMs}`.padStart(9),
      mb(memory).padStart(10),
      mb(disk).padStart(8),
    ].join("  "),
  );
}
