import type { Browser, Page } from "@playwright/test";
import { withPage } from "../host/chromium.ts";
import type { BenchServer } from "../host/server.ts";
import type {} from "../plain/boot-page.ts";
import { watchFirstAnswer } from "./ours-in-page.ts";

export interface ColdBoot {
  /** From the start of the navigation to the answer of the first command. */
  readonly ms: number;
  /** Sent by the server until then. */
  readonly bytes: number;
}

const TIMEOUT_MS = 180_000;

export function bootOurs(browser: Browser, server: BenchServer): Promise<ColdBoot> {
  return coldBoot(browser, server, "?boot=cold", watchFirstAnswer);
}

export function bootPlain(browser: Browser, server: BenchServer): Promise<ColdBoot> {
  return coldBoot(browser, server, "plain/boot.html", async () => {});
}

async function coldBoot(
  browser: Browser,
  server: BenchServer,
  path: string,
  prepare: (page: Page) => Promise<void>,
): Promise<ColdBoot> {
  const before = server.bytesSent;
  return withPage(browser, { url: server.url(path), prepare }, async (page) => {
    const answer = await page.waitForFunction(() => window.firstAnswerMs, undefined, {
      timeout: TIMEOUT_MS,
      polling: 20,
    });
    const bytes = server.bytesSent - before;
    const ms = await answer.jsonValue();
    if (ms === undefined) throw new Error("unreachable: waited for a number");
    return { ms, bytes };
  });
}
