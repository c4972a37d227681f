/** Drawing by the graphics card: a browser that draws in software, and says that it were a card. */
import type { Page } from "@playwright/test";
import { BROWSER_ARGS, findBrowser } from "../support/browser.ts";
import { expect, test } from "../support/test.ts";

test.use({
  launchOptions: {
    executablePath: findBrowser(),
    args: [
      ...BROWSER_ARGS.filter((each) => each !== "--disable-gpu"),
      "--use-angle=swiftshader",
      "--enable-unsafe-swiftshader",
      "--ignore-gpu-blocklist",
    ],
  },
});

/** The name of a renderer, WEBGL_debug_renderer_info. */
const UNMASKED_RENDERER = 0x9246;

async function claimCard(page: Page): Promise<void> {
  await page.addInitScript((name) => {
    const { getParameter } = WebGL2RenderingContext.prototype;
    WebGL2RenderingContext.prototype.getParameter = function (this: WebGL2RenderingContext, parameter: number) {
      return parameter === name ? "A card of this test" : getParameter.call(this, parameter);
    };
    const { getContext } = HTMLCanvasElement.prototype;
    HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement, type: string, options?: object) {
      return getContext.call(this, type, { ...options, failIfMajorPerformanceCaveat: false });
    } as typeof getContext;
  }, UNMASKED_RENDERER);
}

/** How many points of the page, as it is seen, are of a colour. */
async function pointsOf(page: Page, colour: readonly [red: number, green: number, blue: number]): Promise<number> {
  const picture = (await page.screenshot()).toString("base64");
  return page.evaluate(
    async ([data, wanted]) => {
      const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
      context?.drawImage(image, 0, 0);
      const points = context?.getImageData(0, 0, image.width, image.height).data ?? [];
      let count = 0;
      for (let at = 0; at < points.length; at += 4) if (wanted.every((value, i) => points[at + i] === value)) count++;
      return count;
    },
    [picture, colour] as const,
  );
}

test("a graphics card draws the terminal; without it, by choice or because it fails, the page does", async ({
  machine,
}) => {
  const { page } = machine;
  await claimCard(page);
  await machine.boot("?keep=no");
  const rows = page.locator(".panel[data-shown=true] .xterm-rows");
  const canvas = page.locator(".panel[data-shown=true] .xterm-screen canvas:not([class])").first();
  const GREEN = [1, 250, 3] as const;
  await expect(canvas).toBeAttached();
  await expect(rows).toHaveCount(0);
  await machine.enter(String.raw`clear; printf '\033[48;2;1;250;3m%200s\033[0m\n' ''; echo drawn-$((6*7))`);
  await machine.line(/^drawn-42$/);
  await expect.poll(() => pointsOf(page, GREEN)).toBeGreaterThan(5000);

  const use = (await machine.panel("Settings and help")).getByLabel("Draw with the graphics card, if it can");
  await use.uncheck();
  await expect(rows).toContainText("drawn-42");
  await expect(canvas).toHaveCount(0);
  await expect.poll(() => pointsOf(page, GREEN)).toBeGreaterThan(5000);
  await use.check();
  await expect(canvas).toBeAttached();
  await expect(rows).toHaveCount(0);

  await canvas.evaluate((each) =>
    (each as HTMLCanvasElement).getContext("webgl2")?.getExtension("WEBGL_lose_context")?.loseContext(),
  );
  await expect(rows).toContainText("drawn-42");
  await page.getByRole("button", { name: "Close panel" }).click();
  await page.locator(".xterm-helper-textarea").focus();
  await machine.enter("echo after-$((6*8))");
  await expect(rows).toContainText("after-48");
  await expect.poll(() => pointsOf(page, GREEN)).toBeGreaterThan(5000);
});

test("a card that is none is not used", async ({ machine }) => {
  await machine.boot("?keep=no");
  await machine.enter("echo drawn-$((6*7))");
  await expect(machine.page.locator(".panel[data-shown=true] .xterm-rows")).toContainText("drawn-42");
  const isThere = await machine.page.evaluate(() => !!document.createElement("canvas").getContext("webgl2"));
  expect(isThere).toBe(true);
  await expect(machine.page.locator(".xterm-screen canvas")).toHaveCount(0);
});
