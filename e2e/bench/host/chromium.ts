import { type Browser, type BrowserContext, chromium, type LaunchOptions, type Page } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "../../support/browser.ts";

export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(), args: BROWSER_ARGS, ...options });
}

/** A window that has just been opened keeps the browser busy with itself. */
const SETTLE_MS = 1000;

/** A bound for one page of a benchmark, not a measurement. */
const MOST_MS = 1_800_000;

export interface PageOptions {
  readonly url: string;
  /** Called before the address is opened. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** A context with no cache and no storage. WHY no service worker: a page that has been open for a while fetches all of the image by it. */
export function newContext(browser: Browser): Promise<BrowserContext> {
  return browser.newContext({ viewport: { width: 1280, height: 800 }, serviceWorkers: "block" });
}

/** Opens an address in a page of its own. An uncaught error of the page fails the benchmark. */
export async function openPage(context: BrowserContext, { url, prepare }: PageOptions): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => {
    throw error;
  });
  await prepare?.(page);
  await page.waitForTimeout(SETTLE_MS);
  await page.goto(url, { waitUntil: "commit" });
  return page;
}

/** Opens an address in a fresh context. An uncaught error of the page rejects. */
export async function withPage<T>(
  browser: Browser,
  { url, prepare }: PageOptions,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await newContext(browser);
  try {
    const page = await context.newPage();
    const broken = new Promise<never>((_, reject) => {
      page.on("pageerror", reject);
      // WHY unreferenced: a benchmark that is done must not wait for it.
      setTimeout(() => reject(new Error(`${url} took more than ${MOST_MS} ms`)), MOST_MS).unref();
    });
    broken.catch(() => {});
    await prepare?.(page);
    await page.waitForTimeout(SETTLE_MS);
    await page.goto(url, { waitUntil: "commit" });
    return await Promise.race([use(page), broken]);
  } finally {
    await context.close();
  }
}
