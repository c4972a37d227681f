import type { Page } from "@playwright/test";
import type {} from "@warmboot/web/page-api";
import type { ExecSubject } from "./subject.ts";

/** Waits until our page's machine and its first shell are there. */
export async function waitForShell(page: Page): Promise<void> {
  const ready = () => window.warmboot?.session?.state === "running" && window.warmboot.activeTerminal?.process;
  await page.waitForFunction(ready, undefined, { timeout: 180_000, polling: 50 });
}

/** The clock is the page's: what Playwright adds is not in the times. */
export function pageSubject(page: Page): ExecSubject {
  return {
    execs: (count) =>
      page.evaluate(async (times) => {
        const session = window.warmboot?.session;
        if (!session) throw new Error("no machine");
        const results: number[] = [];
        for (let i = 0; i < times; i++) {
          const started = performance.now();
          const { exitCode } = await session.exec("true");
          results.push(performance.now() - started);
          if (exitCode !== 0) throw new Error(`true exited with ${exitCode}`);
        }
        return results;
      }, count),
    script: (text) =>
      page.evaluate(async (script) => {
        const session = window.warmboot?.session;
        if (!session) throw new Error("no machine");
        return (await session.exec(script, { shell: "/bin/bash" })).stdout;
      }, text),
  };
}
