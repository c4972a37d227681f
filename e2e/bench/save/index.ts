import type { Browser } from "@playwright/test";
import type { Benchmark } from "../benchmark.ts";
import { launchChromium, withPage } from "../host/chromium.ts";
import { openImage } from "../host/image.ts";
import { BenchServer } from "../host/server.ts";
import { progress } from "../progress.ts";
import { Series, type Unit } from "../report.ts";
import type { RunFigures } from "./work.ts";

const CASES: readonly (readonly [name: string, unit: Unit, of: (figures: RunFigures) => number])[] = [
  ["light-pause", "ms", ({ light }) => light.pauseMs],
  ["light-total", "ms", ({ light }) => light.totalMs],
  ["light-bytes", "bytes", ({ light }) => light.bytes],
  ["files50-pause", "ms", ({ files }) => files.pauseMs],
  ["files50-total", "ms", ({ files }) => files.totalMs],
  ["files50-bytes", "bytes", ({ files }) => files.bytes],
  ["idle-pause", "ms", ({ idle }) => idle.pauseMs],
  ["idle-total", "ms", ({ idle }) => idle.totalMs],
  ["idle-bytes", "bytes", ({ idle }) => idle.bytes],
];

/** Saving a machine: how long it stands still, how long it takes, what is written. */
export const save: Benchmark = {
  summary: "saving after light work, after 50 MB of files, and idle, in Chromium",
  defaultRuns: 3,
  async run(runs) {
    const server = await BenchServer.start(openImage());
    const browser = await launchChromium();
    try {
      const series = CASES.map(([name, unit]) => new Series(name, unit));
      for (let run = 1; run <= runs; run++) {
        const ours = await runOurs(browser, server);
        const plain = await runPlain(browser, server);
        progress(
          `run ${run}: light work: ours ${ours.light.pauseMs.toFixed()} and ${ours.light.totalMs.toFixed()} ms, plain ${plain.light.pauseMs.toFixed()} and ${plain.light.totalMs.toFixed()} ms`,
        );
        for (const [index, [, , of]] of CASES.entries()) {
          series[index]?.ours.push(of(ours));
          series[index]?.baseline.push(of(plain));
        }
      }
      return series;
    } finally {
      await browser.close();
      server.close();
    }
  },
};

function runOurs(browser: Browser, server: BenchServer): Promise<RunFigures> {
  return runInPage(
    browser,
    server,
    "our-page.js",
    'measureOurs("/plain/embed/warmboot.js", "/images/default/image.json")',
  );
}

function runPlain(browser: Browser, server: BenchServer): Promise<RunFigures> {
  return runInPage(browser, server, "plain-page.js", "measurePlain(plainMachine)");
}

/** WHY as text: the compiler puts a helper of its own around an import of what is not known to it, and the page has none. */
function runInPage(browser: Browser, server: BenchServer, script: string, call: string): Promise<RunFigures> {
  return withPage(browser, { url: server.url("plain/empty.html") }, async (page) => {
    await page.waitForLoadState();
    return page.evaluate<RunFigures>(`import("/plain/bench/save/${script}").then((script) => script.${call})`);
  });
}
