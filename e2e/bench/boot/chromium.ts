import type { Browser, Page } from "@playwright/test";
import { withPage } from "../host/chromium.ts";
import type { BenchServer } from "../host/server.ts";
import type {} from "../plain/boot-page.ts";
import { watchFirstAnswer } from "./ours-in-page.ts";

/** One opening of a page. */
export interface Visit {
  /** From the start of the navigation to the answer of the first command. */
  readonly ms: number;
  /** Sent by the server until then. */
  readonly bytes: number;
}

const TIMEOUT_MS = 180_000;

export function bootOurs(browser: Browser, server: BenchServer): Promise<Visit> {
  return coldBoot(browser, server, "?boot=cold", watchFirstAnswer);
}

export function bootPlain(browser: Browser, server: BenchServer): Promise<Visit> {
  return coldBoot(browser, server, "plain/boot.html", async () => {});
}

async function coldBoot(
  browser: Browser,
  server: BenchServer,
  path: string,
  prepare: (page: Page) => Promise<void>,
): Promise<Visit> {
  const before = server.bytesSent;
  return withPage(browser, { url: server.url(path), prepare }, async (page) => {
    const ms = await firstAnswer(page);
    return { ms, bytes: server.bytesSent - before };
  });
}

/** Waits for the first command's answer on a page that notes it; gives when it came, in ms from the start of the navigation. */
export async function firstAnswer(page: Page): Promise<number> {
  const answer = await page.waitForFunction(() => window.firstAnswerMs, undefined, {
    timeout: TIMEOUT_MS,
    polling: 20,
  });
  const ms = await answer.jsonValue();
  if (ms === undefined) throw new Error("unreachable: waited for a number");
  return ms;
}
