import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type CDPSession, chromium, type Page } from "@playwright/test";
import { imagesDirectory, repository } from "../../bench/host/paths.ts";
import { BROWSER_ARGS, findBrowser } from "../../support/browser.ts";
import { serveStatic } from "../../support/static-server.ts";
import type { Report } from "../beside/messages.ts";
import type {} from "../beside/page-entry.ts";
import { type Call, callsThrough, type Life, type Place } from "./place.ts";

const GONE_MS = 30_000;
const LOOK_MS = 5;

interface Running {
  readonly context: BrowserContext;
  readonly processes: CDPSession;
}

/** Each life is a page of Chromium; the machine is saved in its IndexedDB, in a profile that stays. */
export async function pagePlace(): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), "warmboot-crash-chromium-"));
  const server = await serveStatic({
    "/": join(repository, "e2e/crash/page"),
    "/beside/": join(repository, "e2e/dist/crash/beside"),
    "/warmboot/": join(repository, "runtime-sdk/dist/embed"),
    "/image/": join(imagesDirectory, "default"),
  });
  let running: Running | null = null;
  let hear: (report: Report) => void = () => {};
  const launch = async (): Promise<Running> => {
    const context = await chromium.launchPersistentContext(join(folder, "profile"), {
      executablePath: findBrowser(),
      args: BROWSER_ARGS,
    });
    await context.exposeBinding("tellCrashTest", (_source, report: Report) => hear(report));
    const browser = context.browser();
    if (!browser) throw new Error("Playwright gives no browser for this context");
    return { context, processes: await browser.newBrowserCDPSession() };
  };
  return {
    name: "Chromium",
    hasBrowser: true,
    folder,
    store: "crash",
    image: `${server.origin}/image/image.json`,
    begin: async (tell) => {
      running ??= await launch();
      const { context, processes } = running;
      for (const page of context.pages().slice(1)) await page.close();
      const page = await context.newPage();
      hear = tell;
      page.on("pageerror", (error) => tell({ kind: "failed", reason: `uncaught in the page: ${error.message}` }));
      await page.goto(server.origin);
      await page.waitForFunction(() => window.crashLife !== undefined);
      const pids = await pidsOf(processes);
      const killAll = async () => {
        const closed = new Promise((resolve) => context.on("close", resolve));
        await killAndWait(pids.all);
        await closed;
        running = null;
      };
      return lifeOf(page, (everything) => (everything ? killAll() : crash(page, pids.renderers)));
    },
    close: async (keep) => {
      await running?.context.close();
      server.close();
      if (!keep) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function crash(page: Page, renderers: readonly number[]): Promise<void> {
  const crashed = new Promise((resolve) => page.on("crash", resolve));
  await killAndWait(renderers);
  await crashed;
}

function lifeOf(page: Page, kill: (everything: boolean) => Promise<void>): Life {
  const call = (name: string, values: readonly unknown[]) =>
    page.evaluate(
      ([called, given]) => {
        const life = window.crashLife as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>;
        return life[called]?.(...given);
      },
      [name, [...values]] as const,
    );
  return { ...callsThrough(call as Call), kill };
}

interface Pids {
  /** All that are known, the browser's own too. */
  readonly all: readonly number[];
  readonly renderers: readonly number[];
}

async function pidsOf(processes: CDPSession): Promise<Pids> {
  const { processInfo } = await processes.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter(({ type }) => type === "renderer");
  return { all: processInfo.map(({ id }) => id), renderers: renderers.map(({ id }) => id) };
}

async function killAndWait(pids: readonly number[]): Promise<void> {
  for (const pid of pids) if (isAlive(pid)) process.kill(pid, "SIGKILL");
  const until = performance.now() + GONE_MS;
  while (pids.some(isAlive)) {
    if (performance.now() > until) throw new Error(`of the processes ${pids.join(", ")} some are still there`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** WHY not kill(2) alone: one that is gone but that nobody has waited for still has its number. See proc_pid_stat(5). */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}
