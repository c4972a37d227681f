/** Draws the PNG icons of the site from its SVG ones: `npm run icons -w @warmboot/e2e`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "./support/browser.ts";

const ICONS: readonly (readonly [source: string, name: string, pixels: number])[] = [
  ["icon.svg", "icon-192.png", 192],
  ["icon.svg", "icon-512.png", 512],
  ["icon-maskable.svg", "icon-maskable-512.png", 512],
  ["icon-maskable.svg", "icon-touch.png", 180],
];

const path = (name: string) => fileURLToPath(new URL(`../../web/public/${name}`, import.meta.url));

const browser = await chromium.launch({ executablePath: findBrowser(), args: BROWSER_ARGS });
try {
  for (const [source, name, pixels] of ICONS) {
    const page = await browser.newPage({ viewport: { width: pixels, height: pixels } });
    await page.setContent(
      `<style>* { margin: 0 } svg { display: block; width: 100vw }</style>${readFileSync(path(source), "utf8")}`,
    );
    await page.screenshot({ path: path(name), omitBackground: true });
    await page.close();
  }
} finally {
  await browser.close();
}
