import { readFileSync } from "node:fs";
import type { Browser, CDPSession } from "@playwright/test";
import type {} from "@warmboot/web/page-api";
import { MachineDriver } from "../support/machine.ts";
import type { SoakMachine } from "./machine.ts";

const BLOCK = 4096;

/** A machine on the page, driven as a person does. */
export async function pageMachine(browser: Browser, url: string): Promise<SoakMachine> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, baseURL: url });
  const page = await context.newPage();
  let broken: Error | null = null;
  page.on("crash", () => {
    broken = new Error("the page crashed");
  });
  const driver = new MachineDriver(page);
  await driver.boot("?engine=kernel");
  const cdp = await browser.newBrowserCDPSession();
  const alive = () => {
    if (broken) throw broken;
  };
  return {
    start: (script) =>
      page.evaluate(async (text) => {
        const process = await window.warmboot?.session?.spawn(["sh", "-c", text]);
        await process?.stdout.cancel();
        await process?.stderr.cancel();
      }, script),
    startOnTerminal: async (script) => {
      await driver.enter(script);
      await page.getByRole("button", { name: "New terminal" }).click();
      await driver.prompt();
    },
    exec: async (command, timeoutMs) => {
      alive();
      return page.evaluate(
        async ([text, limit]) => {
          const result = await window.warmboot?.session?.exec(text, { timeoutMs: limit });
          if (result?.exitCode !== 0) throw new Error(`${text}: ${result?.timedOut ? "no answer" : result?.stderr}`);
          return result.stdout;
        },
        [command, timeoutMs] as const,
      );
    },
    type: async (line, answer, timeoutMs) => {
      alive();
      await driver.enter(line);
      await driver.line(new RegExp(`^${answer}$`), timeoutMs);
    },
    memory: async () => residentBytes(await renderers(cdp)),
    diskBytes: async () => (await page.evaluate(() => window.warmboot?.session?.figures.ownBlocks ?? 0)) * BLOCK,
    close: () => context.close(),
  };
}

/** Process ids of the browser's renderers: the page's, which has its workers too. */
async function renderers(cdp: CDPSession): Promise<number[]> {
  const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

function residentBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return sum + Number(kib ?? 0) * 1024;
  }, 0);
}
