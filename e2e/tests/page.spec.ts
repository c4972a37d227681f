import { axeFindings } from "../support/axe.ts";
import { expect, test } from "../support/test.ts";

test("an engine that does not exist: the page names those that do", async ({ page }) => {
  await page.goto("./?engine=quantum");
  await expect(page.getByRole("heading", { name: 'There is no engine "quantum"' })).toBeVisible();
  await expect(page.getByRole("link", { name: "?engine=kernel" })).toHaveAttribute("href", "?engine=kernel");
  expect(page.workers()).toHaveLength(0);
  expect(await axeFindings(page)).toEqual([]);
});

test("parameters that cannot be used are explained", async ({ page }) => {
  await page.goto("./?memory=lots");
  await expect(page.getByText('memory: "lots"')).toBeVisible();
  await page.goto("./?image=https://elsewhere.example/image.json");
  await expect(page.getByText("is not an address on this site")).toBeVisible();
});

test("memory that no machine can have: the option is named", async ({ machine }) => {
  await machine.page.goto("./?memory=9");
  expect(await machine.failure("invalid-option")).toContain("MemoryMb");
});

test("the boot shows its stages, bytes and the kernel's log", async ({ machine, context }) => {
  // Long enough for a person, and this test, to see it.
  await context.route("**/bzImage*", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await route.continue();
  });
  const seen = machine.page.evaluate.bind(machine.page);
  await machine.page.addInitScript(() => {
    const texts: string[] = [];
    Object.assign(window, { bootTexts: texts });
    new MutationObserver(() => {
      const text = document.querySelector(".boot")?.textContent;
      if (text) texts.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await machine.boot("?boot=cold");
  const texts = await seen(() => (window as unknown as { bootTexts: string[] }).bootTexts);
  expect(texts.some((text) => /Downloading .* of \d+\.\d MB/.test(text))).toBe(true);
  expect(texts.some((text) => text.includes("Linux is starting"))).toBe(true);
  await expect(machine.page.locator("#overlay")).toBeHidden();
});

test("Start over asks, and leaves no worker behind", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await machine.exec("touch /root/of-the-first");
  expect(machine.workers()).toHaveLength(1);
  const inAll = page.workers().length;
  await machine.panel("Machines");
  await page.getByRole("button", { name: "Start over" }).click();
  await page.getByRole("button", { name: "Keep it" }).click();
  expect((await machine.exec("ls /root/of-the-first")).exitCode).toBe(0);

  await machine.startOver();
  await page.locator(".boot").waitFor();
  await machine.prompt();
  await expect.poll(() => machine.workers().length).toBe(1);
  await expect.poll(() => page.workers().length).toBe(inAll);
  expect((await machine.exec("ls /root/of-the-first")).exitCode).toBe(2);
  // The terminal has the focus.
  await machine.enter("echo $((6*7))");
  await machine.line(/^42$/);
});

test("a session that is closed by a script is shown as closed", async ({ machine }) => {
  await machine.boot();
  await machine.page.evaluate(() => window.warmboot?.session?.close());
  await expect(machine.page.getByText("The machine is closed")).toBeVisible();
  await expect(machine.page.locator("#status")).toHaveText("closed");
  expect(machine.page.workers()).toHaveLength(0);
});

test("with the keyboard alone: leave the terminal, open another, close it, come back", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  // Tab belongs to the guest.
  await page.keyboard.press("Tab");
  await expect(page.locator(".xterm-helper-textarea")).toBeFocused();
  await page.keyboard.press("Control+Shift+M");
  await expect(page.getByRole("tab", { name: "Terminal 1" })).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "New terminal" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab")).toHaveCount(2);
  await machine.prompt();
  await machine.enter("echo $((6*7))");
  await machine.line(/^42$/);
  await page.keyboard.press("Control+Shift+M");
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByRole("tab", { name: "Terminal 1" })).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Delete");
  await expect(page.getByRole("tab")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await machine.enter("echo $((6*8))");
  await machine.line(/^48$/);
});

test("a shell that comes late does not take the focus from a dialog", async ({ machine }) => {
  const { page } = machine;
  await page.goto("./");
  await machine.panel("Settings and help");
  await page.getByLabel("Screen reader mode").focus();
  await machine.prompt();
  await expect(page.getByLabel("Screen reader mode")).toBeFocused();
});

test("axe finds nothing: boot, terminals, help, failure", async ({ machine }) => {
  const { page } = machine;
  await page.goto("./");
  await page.locator(".boot").waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await machine.prompt();
  await page.getByRole("button", { name: "New terminal" }).click();
  await machine.prompt();
  expect(await axeFindings(page)).toEqual([]);
  await machine.panel("Settings and help");
  expect(await axeFindings(page)).toEqual([]);
  await page.goto("./?image=images/none/image.json");
  await machine.failure("artefact-missing");
  expect(await axeFindings(page)).toEqual([]);
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true, colorScheme: "light" });

  test("nothing scrolls sideways and the key bar works", async ({ machine }) => {
    const { page } = machine;
    await machine.boot();
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(await overflow()).toBe(0);
    const outside = await page.evaluate(() =>
      [...document.querySelectorAll("button")]
        .filter((each) => each.offsetParent && each.getBoundingClientRect().right > innerWidth)
        .map((each) => each.textContent),
    );
    expect(outside).toEqual([]);

    const key = (name: string) =>
      page.getByRole("toolbar", { name: "Terminal keys" }).getByRole("button", { name, exact: true });
    await page.locator(".panel .xterm").tap();
    await page.keyboard.type("echo pipe ");
    await key("Pipe").tap();
    await page.keyboard.type("tr a-z A-Z");
    await page.keyboard.press("Enter");
    await machine.line(/^PIPE$/);
    await key("Up").tap();
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await machine.lines()).filter((line) => line === "PIPE").length).toBe(2);
    await page.keyboard.type("cat");
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await machine.exec("pgrep -x cat")).exitCode).toBe(0);
    await key("Control, for the next key").tap();
    await page.keyboard.type("c");
    await page.keyboard.type("echo $((6*7))");
    await page.keyboard.press("Enter");
    await machine.line(/^42$/);
    await page.getByRole("button", { name: "New terminal" }).tap();
    await machine.prompt();
    expect(await overflow()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
  });
});
