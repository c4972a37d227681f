import { type Browser, chromium, type Page } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "../../support/browser.ts";

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(), args: BROWSER_ARGS });
}

export interface PageOptions {
  readonly url: string;
  /** Called before the address is opened. */
  readonly prepare?: (page: Page) => Promise<void>;
}

/** Opens an address in a fresh context: no cache, no storage. An uncaught error of the page rejects. */
export async function withPage<T>(
  browser: Browser,
  { url, prepare }: PageOptions,
  use: (page: Page) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await context.newPage();
    const broken = new Promise<never>((_, reject) => page.on("pageerror", reject));
    broken.catch(() => {});
    await prepare?.(page);
    await page.goto(url, { waitUntil: "commit" });
    return await Promise.race([use(page), broken]);
  } finally {
    await context.close();
  }
}
