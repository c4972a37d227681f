import type { Page } from "@playwright/test";
import type { Benchmark } from "../benchmark.ts";
import { launchChromium, withPage } from "../host/chromium.ts";
import { openImage } from "../host/image.ts";
import { BenchServer } from "../host/server.ts";
import { progress } from "../progress.ts";
import { Series } from "../report.ts";
import { SIZE } from "./data.ts";
import { ourIn, ourOut, startOurs } from "./our-page.ts";
import { plainIn, plainOut, startPlain } from "./plain-page.ts";
import { makeRandomBytes, type Transfer } from "./random-bytes.ts";

/** Bytes through the console, both ways. Two machines in one browser take turns; the other one idles. */
export const consoleBenchmark: Benchmark = {
  summary: "10 MB out to the terminal and 10 MB in, against the bare virtio console",
  defaultRuns: 5,
  async run(runs) {
    const server = await BenchServer.start(openImage());
    const browser = await launchChromium();
    try {
      return await withPage(browser, { url: server.url("") }, async (ours) => {
        await startOurs(ours);
        return withPage(browser, { url: server.url("plain/empty.html") }, async (plain) => {
          await startPlain(plain);
          return measure(ours, plain, runs);
        });
      });
    } finally {
      await browser.close();
      server.close();
    }
  },
};

async function measure(ours: Page, plain: Page, runs: number): Promise<Series[]> {
  const out = new Series("out", "MB/s");
  const longTask = new Series("long-task-ms", "ms");
  const into = new Series("in", "MB/s");
  // Run 0 warms up and does not count.
  for (let run = 0; run <= runs; run++) {
    const output = await ourOut(ours);
    const plainOutput = await plainOut(plain);
    const input = await verified(ours, ourIn);
    const plainInput = await verified(plain, plainIn);
    const pair = (ourMs: number, plainMs: number) =>
      `${rate(ourMs).toFixed(2)} (plain ${rate(plainMs).toFixed(2)}) MB/s`;
    progress(
      `run ${run}: out ${pair(output.ms, plainOutput)}, in ${pair(input, plainInput)}, longest task ${output.longestTaskMs} ms`,
    );
    if (run === 0) continue;
    out.ours.push(rate(output.ms));
    out.baseline.push(rate(plainOutput));
    longTask.ours.push(output.longestTaskMs);
    into.ours.push(rate(input));
    into.baseline.push(rate(plainInput));
  }
  return [out, longTask, into];
}

const rate = (ms: number): number => SIZE / 1000 / ms;

/** Ms of a transfer into the guest, whose hash must be right. */
async function verified(page: Page, transfer: (page: Page) => Promise<Transfer>): Promise<number> {
  const expected = await makeRandomBytes(page, SIZE);
  const { ms, hash } = await transfer(page);
  if (hash !== expected) throw new Error(`the guest got other bytes: ${hash} is not ${expected}`);
  return ms;
}
