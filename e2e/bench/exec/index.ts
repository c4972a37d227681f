import { join } from "node:path";
import { KernelSession } from "warmboot";
import type { Benchmark } from "../benchmark.ts";
import { launchChromium, withPage } from "../host/chromium.ts";
import { openImage } from "../host/image.ts";
import { BenchServer } from "../host/server.ts";
import { progress } from "../progress.ts";
import { Series } from "../report.ts";
import { median, quantile } from "../stats.ts";
import { nodeSubject } from "./in-node.ts";
import { pageSubject, waitForShell } from "./in-page.ts";
import { type ExecSubject, forkExecs } from "./subject.ts";

const WARM_UP = 100;
/** Commands a run, and in one turn of ours or the baseline. */
const COMMANDS = 300;
const TURN = 50;

interface Times {
  readonly ours: readonly number[];
  readonly baseline: readonly number[];
}

/** The round trip of a command that does nothing, in a warm machine. */
export const exec: Benchmark = {
  summary: 'round trip of exec("true") against fork and exec inside the guest',
  defaultRuns: 5,
  async run(runs) {
    const p50 = new Series("true-p50", "ms");
    const p99 = new Series("true-p99", "ms");
    const chromium = new Series("chromium-true-p50", "ms");
    const image = openImage();
    const session = await KernelSession.boot({ image: join(image.directory, "image.json") });
    try {
      await measure("Node", nodeSubject(session), runs, (times) => {
        add(p50, times, median);
        add(p99, times, (values) => quantile(values, 0.99));
      });
    } finally {
      await session.close();
    }
    const server = await BenchServer.start(image);
    const browser = await launchChromium();
    try {
      await withPage(browser, { url: server.url("") }, async (page) => {
        await waitForShell(page);
        await measure("Chromium", pageSubject(page), runs, (times) => add(chromium, times, median));
      });
    } finally {
      await browser.close();
      server.close();
    }
    return [p50, p99, chromium];
  },
};

function add(series: Series, times: Times, of: (values: readonly number[]) => number): void {
  series.ours.push(of(times.ours));
  series.baseline.push(of(times.baseline));
}

async function measure(
  where: string,
  subject: ExecSubject,
  runs: number,
  onRun: (times: Times) => void,
): Promise<void> {
  await subject.execs(WARM_UP);
  await forkExecs(subject, WARM_UP);
  for (let run = 1; run <= runs; run++) {
    const times = { ours: [] as number[], baseline: [] as number[] };
    for (let done = 0; done < COMMANDS; done += TURN) {
      times.ours.push(...(await subject.execs(TURN)));
      times.baseline.push(...(await forkExecs(subject, TURN)));
    }
    progress(
      `${where}, run ${run}: exec ${median(times.ours).toFixed(1)} ms, fork and exec in the guest ${median(times.baseline).toFixed(1)} ms`,
    );
    onRun(times);
  }
}
