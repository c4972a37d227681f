import { join } from "node:path";
import type { Benchmark } from "../benchmark.ts";
import { launchChromium } from "../host/chromium.ts";
import { type BenchImage, openImage, plainConfig } from "../host/image.ts";
import { runChild } from "../host/run-child.ts";
import { BenchServer } from "../host/server.ts";
import { progress } from "../progress.ts";
import { Series } from "../report.ts";
import { bootOurs, bootPlain } from "./chromium.ts";

/** From nothing to the first command's answer. */
export const boot: Benchmark = {
  summary: "from nothing to the first command's answer, in Chromium and in Node",
  defaultRuns: 5,
  async run(runs) {
    const image = openImage();
    return [...(await inChromium(image, runs)), await inNode(image, runs)];
  },
};

async function inChromium(image: BenchImage, runs: number): Promise<Series[]> {
  const times = new Series("chromium-cold", "ms");
  const bytes = new Series("bytes", "bytes");
  const server = await BenchServer.start(image);
  const browser = await launchChromium();
  try {
    for (let run = 1; run <= runs; run++) {
      const ours = await bootOurs(browser, server);
      const plain = await bootPlain(browser, server);
      progress(`Chromium, run ${run}: ours ${ours.ms.toFixed()} ms, plain ${plain.ms.toFixed()} ms`);
      times.ours.push(ours.ms);
      times.baseline.push(plain.ms);
      bytes.ours.push(ours.bytes);
      bytes.baseline.push(plain.bytes);
    }
  } finally {
    await browser.close();
    server.close();
  }
  return [times, bytes];
}

async function inNode(image: BenchImage, runs: number): Promise<Series> {
  const times = new Series("node-cold", "ms");
  const plain = plainConfig(image, ({ directory, file }) => join(directory, file));
  for (let run = 1; run <= runs; run++) {
    const ours = Number(await runChild("boot/node-ours.js", join(image.directory, "image.json")));
    const baseline = Number(await runChild("plain/boot-node.js", plain));
    progress(`Node, run ${run}: ours ${ours.toFixed()} ms, plain ${baseline.toFixed()} ms`);
    times.ours.push(ours);
    times.baseline.push(baseline);
  }
  return times;
}
