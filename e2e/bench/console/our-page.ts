import type { Page } from "@playwright/test";
import type {} from "@warmboot/web/page-api";
import { waitForShell } from "../exec/in-page.ts";
import { GUEST_FILE, MAKE_GUEST_FILE } from "./data.ts";
import type { Transfer } from "./random-bytes.ts";

declare global {
  interface Window {
    longTasks?: number[];
  }
}

/** Waits for our page's machine and puts the data in its memory. */
export async function startOurs(page: Page): Promise<void> {
  await waitForShell(page);
  await page.evaluate(async (command) => {
    const result = await window.warmboot?.session?.exec(command);
    if (result?.exitCode !== 0) throw new Error(`the guest could not make its data: ${result?.stderr}`);
    const tasks: number[] = [];
    window.longTasks = tasks;
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: "longtask",
    });
  }, MAKE_GUEST_FILE);
}

export interface OurOutput {
  /** From the command to the parsing of the last byte by the terminal. */
  readonly ms: number;
  /** Longest task of the page's thread meanwhile; tasks under 50 ms are not seen and count as 0. */
  readonly longestTaskMs: number;
}

/** Shows the guest's file in the page's terminal. */
export function ourOut(page: Page): Promise<OurOutput> {
  return page.evaluate(async (file) => {
    const term = window.warmboot?.activeTerminal?.term;
    if (!term || !window.longTasks) throw new Error("no terminal");
    window.longTasks.length = 0;
    // An escape sequence of our own after the file: its handler runs when all before it has been parsed.
    const parsed = new Promise<number>((resolve) => {
      const handler = term.parser.registerOscHandler(7777, () => {
        handler.dispose();
        resolve(performance.now());
        return true;
      });
    });
    const started = performance.now();
    term.input(`cat ${file}; printf '\\033]7777;\\007'\r`);
    const ms = (await parsed) - started;
    // A long task is reported after it has ended.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return { ms, longestTaskMs: Math.max(0, ...window.longTasks) };
  }, GUEST_FILE);
}

/** Gives `window.benchBytes` to the guest through exec. */
export function ourIn(page: Page): Promise<Transfer> {
  return page.evaluate(async () => {
    if (!window.benchBytes) throw new Error("no bytes");
    const started = performance.now();
    const result = await window.warmboot?.session?.exec("sha256sum", { stdin: window.benchBytes });
    return { ms: performance.now() - started, hash: result?.stdout.slice(0, 64) ?? "" };
  });
}
