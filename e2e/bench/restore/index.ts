import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext } from "@playwright/test";
import type { Benchmark } from "../benchmark.ts";
import { bootPlain, firstAnswer, type Visit } from "../boot/chromium.ts";
import { watchFirstAnswer } from "../boot/ours-in-page.ts";
import { waitForShell } from "../exec/in-page.ts";
import { launchChromium, newContext, openPage } from "../host/chromium.ts";
import { openImage, plainConfig } from "../host/image.ts";
import { runChild } from "../host/run-child.ts";
import { BenchServer } from "../host/server.ts";
import { progress } from "../progress.ts";
import { Series } from "../report.ts";

const RESTORE = "plain/restore.html";

/** From the navigation to the first command's answer, without a boot. */
export const restore: Benchmark = {
  summary: "from the navigation to the first answer: a saved machine, a first visit",
  defaultRuns: 5,
  async run(runs) {
    const image = openImage();
    const folder = mkdtempSync(join(tmpdir(), "warmboot-bench-"));
    const state = join(folder, "state.gz");
    progress("making plain v86's state");
    const files = plainConfig(image, ({ directory, file }) => join(directory, file));
    await runChild("plain/save-node.js", [files, state]);
    const server = await BenchServer.start(image, state);
    const browser = await launchChromium();
    try {
      return await measure(browser, server, runs);
    } finally {
      await browser.close();
      server.close();
      rmSync(folder, { recursive: true });
    }
  },
};

async function measure(browser: Browser, server: BenchServer, runs: number): Promise<Series[]> {
  const saved = new Series("saved", "ms");
  const savedBytes = new Series("saved-bytes", "bytes");
  const first = new Series("first-visit", "ms");
  const vsCold = new Series("first-visit-vs-cold", "ms");
  const bytes = new Series("first-visit-bytes", "bytes");
  const ours = await newContext(browser);
  const plain = await newContext(browser);
  await saveMachine(ours, server);
  await visit(plain, server, RESTORE);
  for (let run = 1; run <= runs; run++) {
    const again = await visit(ours, server, "");
    const plainAgain = await visit(plain, server, RESTORE);
    const ourFirst = await firstVisit(browser, server, "");
    const plainFirst = await firstVisit(browser, server, RESTORE);
    const cold = await bootPlain(browser, server);
    const text = (visit: Visit) => visit.ms.toFixed();
    progress(
      `run ${run}: saved ${text(again)} ms, plain ${text(plainAgain)} ms; first visit ${text(ourFirst)} ms, plain ${text(plainFirst)} ms, its boot ${cold.ms.toFixed()} ms`,
    );
    saved.ours.push(again.ms);
    saved.baseline.push(plainAgain.ms);
    savedBytes.ours.push(again.bytes);
    savedBytes.baseline.push(plainAgain.bytes);
    first.ours.push(ourFirst.ms);
    first.baseline.push(plainFirst.ms);
    vsCold.ours.push(ourFirst.ms);
    vsCold.baseline.push(cold.ms);
    bytes.ours.push(ourFirst.bytes);
    bytes.baseline.push(plainFirst.bytes);
  }
  return [saved, savedBytes, first, vsCold, bytes];
}

/** Has our page's machine saved in a context. */
async function saveMachine(context: BrowserContext, server: BenchServer): Promise<void> {
  const page = await openPage(context, { url: server.url("") });
  await waitForShell(page);
  await page.evaluate(async () => {
    const session = window.warmboot?.session;
    await session?.exec("echo $((6*7)) > /root/answer");
    await session?.save();
  });
  await page.close();
}

/** A visit in a context that knows the site. */
async function visit(context: BrowserContext, server: BenchServer, path: string): Promise<Visit> {
  const before = server.bytesSent;
  const page = await openPage(context, { url: server.url(path), prepare: watchFirstAnswer });
  const ms = await firstAnswer(page);
  const bytes = server.bytesSent - before;
  await page.close();
  return { ms, bytes };
}

async function firstVisit(browser: Browser, server: BenchServer, path: string): Promise<Visit> {
  const context = await newContext(browser);
  try {
    return await visit(context, server, path);
  } finally {
    await context.close();
  }
}
