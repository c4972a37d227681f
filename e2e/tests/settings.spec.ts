import type { MachineDriver } from "../support/machine.ts";
import { expect, test } from "../support/test.ts";

test("what is chosen is there at once, in every tab of the site, and after a reload before the first paint", async ({
  machine,
  context,
}) => {
  const { page } = machine;
  await machine.boot();
  const second = await context.newPage();
  await second.goto("./?keep=no");
  await page.bringToFront();

  const panel = await machine.panel("Settings and help");
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const terminalBackground = () => page.evaluate(() => window.warmboot?.activeTerminal?.term.options.theme?.background);
  expect(await background()).toBe("rgb(255, 255, 255)");
  await panel.getByLabel("Colours").selectOption("High contrast");
  expect(await background()).toBe("rgb(0, 0, 0)");
  expect(await terminalBackground()).toMatch(/^#0+$/);
  await expect(second.locator("html")).toHaveAttribute("data-theme", "contrast");

  const size = async () => (await machine.exec("stty size < /dev/pts/0")).stdout;
  const before = await size();
  await panel.getByLabel("Size of text").fill("28");
  await panel.getByLabel("Size of text").press("Enter");
  await expect.poll(size).not.toBe(before);
  await panel.getByLabel("Size of text").fill("3");
  await panel.getByLabel("Size of text").blur();
  expect(await page.evaluate(() => window.warmboot?.activeTerminal?.term.options.fontSize)).toBe(28);

  await panel.getByLabel("Lines kept above").fill("1000");
  await panel.getByLabel("Lines kept above").blur();
  await panel.getByLabel("Font of terminals").fill('No "Such" Font');
  await panel.getByLabel("Font of terminals").blur();
  expect(
    await page.evaluate(() => {
      const { scrollback, fontFamily } = window.warmboot?.activeTerminal?.term.options ?? {};
      return [scrollback, fontFamily?.slice(0, 14)];
    }),
  ).toEqual([1000, '"No Such Font"']);

  // Nothing of the page's own script: what is there then was there at the first paint.
  await page.route(/\.js$/, (route) => route.abort());
  await page.reload({ waitUntil: "commit" });
  await expect(page.locator("html")).toHaveAttribute("data-theme", "contrast");
  expect(await background()).toBe("rgb(0, 0, 0)");
  await page.unroute(/\.js$/);
  await page.reload();
  await machine.prompt();
  expect(await terminalBackground()).toMatch(/^#0+$/);
  const again = await machine.panel("Settings and help");
  await again.getByRole("button", { name: "All as it was at first" }).click();
  expect(await background()).toBe("rgb(255, 255, 255)");
  expect(await page.evaluate(() => window.warmboot?.activeTerminal?.term.options.fontSize)).toBe(14);
  await expect(again.getByRole("button", { name: "All as it was at first" })).toBeDisabled();
});

test("the bell flashes or sounds as chosen", async ({ machine }) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  const panel = await machine.panel("Settings and help");
  const flashes = () =>
    page.evaluate(
      () =>
        new Promise<boolean>((resolve) => {
          const screen = document.querySelector(".screen");
          const seen = new MutationObserver(() => resolve(true));
          if (screen) seen.observe(screen, { attributeFilter: ["data-bell"] });
          window.warmboot?.activeTerminal?.term.write("\x07", () => setTimeout(() => resolve(false), 200));
        }),
    );
  expect(await flashes()).toBe(false);
  await panel.getByLabel("The bell gives").selectOption("A flash");
  expect(await flashes()).toBe(true);
  await expect(page.locator(".screen[data-bell]")).toHaveCount(0);

  await page.evaluate(() => {
    const played: number[] = [];
    Object.assign(window, { played });
    OscillatorNode.prototype.start = function () {
      played.push(this.frequency.value);
    };
    OscillatorNode.prototype.stop = () => {};
  });
  await panel.getByLabel("The bell gives").selectOption("A sound");
  expect(await flashes()).toBe(false);
  expect(await page.evaluate(() => (window as unknown as { played: number[] }).played)).toEqual([660]);
});

for (const platform of ["Linux x86_64", "MacIntel"]) {
  test(`Alt gives Meta, on a Mac if that is wished: ${platform}`, async ({ machine }) => {
    const { page } = machine;
    await page.addInitScript((value) => Object.defineProperty(navigator, "platform", { value }), platform);
    await machine.boot("?keep=no");
    /** What reaches a program of Alt and B; a Mac's browser would make a character of it. */
    const typed = async (name: string) => {
      await page.locator(".xterm-helper-textarea").focus();
      await machine.enter("cat -v");
      await expect.poll(async () => (await machine.exec("pgrep -x cat")).exitCode).toBe(0);
      await page.keyboard.press("Alt+b");
      await machine.enter(name);
      await page.keyboard.press("Control+D");
      await machine.prompt();
      return (await machine.lines()).filter((line) => line.endsWith(name)).at(-1);
    };
    expect(await typed("first")).toBe("^[bfirst");
    const option = (await machine.panel("Settings and help")).getByLabel("Option is Meta");
    await expect(option).toHaveCount(platform === "MacIntel" ? 1 : 0);
    if (platform !== "MacIntel") return;
    await option.uncheck();
    expect(await typed("second")).toBe("second");
  });
}

test("without saving by itself, what is not saved is gone after a reload", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await (await machine.panel("Settings and help")).getByLabel("Save by itself").uncheck();
  await page.reload();
  await machine.prompt();
  await machine.exec("echo one > /root/one");
  await machine.panel("Settings and help");
  await page.locator("#save").click();
  await expect(page.locator("#save")).toContainText(/Saved \d+ s ago/);
  await machine.exec("echo two > /root/two; sync");
  await page.reload();
  await machine.prompt();
  expect((await machine.exec("cd /root; ls one two")).stdout).toBe("one\n");
});

test("a new machine has the memory that was chosen, one that is kept its own; a small device gives less", async ({
  machine,
  browser,
  baseURL,
}) => {
  await machine.boot("?machine=before");
  const kilobytes = async (driver = machine) =>
    Number((await driver.exec("awk '/MemTotal/ { print $2 }' /proc/meminfo")).stdout);
  const usual = await kilobytes();
  await machine.page.evaluate(() => window.warmboot?.session?.save());
  const panel = await machine.panel("Settings and help");
  await panel.getByLabel("Memory of new machines").selectOption("512 MiB");
  await machine.boot("?machine=after");
  const [more, mebibytes] = [await kilobytes(), 1024];
  expect(more).toBeGreaterThan(450 * mebibytes);
  expect(more).toBeLessThan(512 * mebibytes);
  await machine.boot("?machine=before");
  expect(await kilobytes()).toBe(usual);

  const small = await browser.newContext({ ...(baseURL && { baseURL }) });
  await small.addInitScript(() => Object.defineProperty(navigator, "deviceMemory", { value: 0.5 }));
  const there = new (machine.constructor as typeof MachineDriver)(await small.newPage());
  await there.boot("?keep=no");
  expect(await kilobytes(there)).toBeLessThan(128 * mebibytes);
  await small.close();
});
