import type { Browser, Page } from "@playwright/test";
import type {} from "@warmboot/web/page-api";
import type { Benchmark } from "../benchmark.ts";
import { waitForShell } from "../exec/in-page.ts";
import { launchChromium, newContext, openPage } from "../host/chromium.ts";
import { openImage } from "../host/image.ts";
import { BenchServer } from "../host/server.ts";
import { progress } from "../progress.ts";
import { Series } from "../report.ts";
import { BackgroundTab } from "./background-tab.ts";

/** Long enough for the machine's own work after a start to be over. */
const SETTLE_MS = 15_000;
const IDLE_MS = 30_000;
/** Playwright starts browsers so that they treat hidden tabs as those that are seen. */
const NO_THROTTLING = [
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** A bound for what is typed, not a measurement. */
const MOST_MS = 600_000;

/** What the guest does while the page's thread is watched; each is typed into the terminal. */
const WORK: readonly (readonly [name: string, command: string])[] = [
  // Compiles Python's library to bytecode: processor, and many small files.
  [
    "compile-task-ms",
    "cp -r /usr/lib/python3*/json /usr/lib/python3*/email /root/work && python3 -m compileall -q /root/work",
  ],
  ["flood-task-ms", "base64 /dev/urandom | head -c 20000000"],
];

/** How much the page itself takes: its longest task while the machine works, and what a machine that rests costs. */
export const page: Benchmark = {
  summary:
    "the page's longest task while the machine compiles, floods and saves; CPU of a machine that rests, seen and hidden",
  defaultRuns: 3,
  async run(runs) {
    const server = await BenchServer.start(openImage());
    const browser = await launchChromium();
    const tasks = [...WORK.map(([name]) => name), "save-task-ms"].map((name) => new Series(name, "ms"));
    const idle = new Series("idle-seen", "%");
    const hidden = new Series("idle-hidden", "%");
    try {
      for (let run = 1; run <= runs; run++) {
        const context = await newContext(browser);
        const ours = await openPage(context, { url: server.url("?machine=bench") });
        await waitForShell(ours);
        await watchTasks(ours);
        for (const [at, [, command]] of WORK.entries())
          tasks[at]?.ours.push(await longestTask(ours, () => type(ours, command)));
        tasks[WORK.length]?.ours.push(await longestTask(ours, () => save(ours)));
        await context.close();
        await measureIdle(server.url("?machine=bench"), idle, hidden);
        progress(
          `run ${run}: ${[...tasks, idle, hidden].map(({ name, ours: values }) => `${name} ${values.at(-1)?.toFixed(1)}`).join(", ")}`,
        );
      }
    } finally {
      await browser.close();
      server.close();
    }
    return [...tasks, idle, hidden];
  },
};

async function watchTasks(ours: Page): Promise<void> {
  await ours.evaluate(() => {
    const tasks: number[] = [];
    window.longTasks = tasks;
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: "longtask",
    });
  });
}

/** Longest task of the page's thread meanwhile; those under 50 ms are not seen and count as 0. */
async function longestTask(ours: Page, work: () => Promise<void>): Promise<number> {
  await ours.evaluate(() => {
    if (window.longTasks) window.longTasks.length = 0;
  });
  await work();
  // It is reported after it has ended.
  await ours.waitForTimeout(300);
  return ours.evaluate(() => Math.max(0, ...(window.longTasks ?? [])));
}

/** Types a command, and waits until the terminal has shown all of what it wrote. */
async function type(ours: Page, command: string): Promise<void> {
  await ours.evaluate(
    async ([line, longest]) => {
      const term = window.warmboot?.activeTerminal?.term;
      if (!term) throw new Error("no terminal");
      const shown = new Promise<void>((resolve) => {
        const handler = term.parser.registerOscHandler(7777, () => {
          handler.dispose();
          resolve();
          return true;
        });
      });
      term.input(`mkdir -p /root/work; ${line}; printf '\\033]7777;\\007'\r`);
      const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error(`not done: ${line}`)), longest));
      await Promise.race([shown, late]);
    },
    [command, MOST_MS] as const,
  );
}

async function save(ours: Page): Promise<void> {
  await ours.evaluate(async () => {
    await window.warmboot?.session?.save();
  });
}

/** A connection of which the page takes no more than it must: not the copy for use without a network. */
const SAVES_DATA = 'Object.defineProperty(navigator, "connection", { value: { saveData: true } })';

/** In a browser of its own, which holds hidden tabs back. */
async function measureIdle(url: string, seen: Series, hidden: Series): Promise<void> {
  const browser = await launchChromium({ ignoreDefaultArgs: NO_THROTTLING });
  try {
    const tab = await BackgroundTab.open(browser, url, SAVES_DATA);
    await tab.until("!!window.warmboot?.activeTerminal?.process");
    for (const series of [seen, hidden]) {
      if (series === hidden) await tab.hide();
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      series.ours.push(await renderersShare(browser));
      if ((await tab.evaluate("window.warmboot?.session?.state")) !== "running") throw new Error("the machine is gone");
    }
    await tab.close();
  } finally {
    await browser.close();
  }
}

/** Part of a core that the browser's pages and their workers take while nothing happens, in percent. */
async function renderersShare(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const seconds = async () => {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    return processInfo.filter(({ type }) => type === "renderer").reduce((sum, { cpuTime }) => sum + cpuTime, 0);
  };
  const [before, started] = [await seconds(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const share = ((await seconds()) - before) / ((performance.now() - started) / 1000);
  await session.detach();
  return share * 100;
}
