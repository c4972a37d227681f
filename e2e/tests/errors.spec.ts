import { expect, test } from "../support/test.ts";

test("without room the page says so and the machine runs on; with room it is saved again", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  const save = page.locator("#save");
  await save.click();
  await expect(save).toContainText(/^Saved \d+ s ago/);
  const { origin } = new URL(page.url());
  const browser = await page.context().newCDPSession(page);
  // Less than there is already.
  await browser.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1_000_000 });
  await machine.exec("head -c 20000000 /dev/urandom > /root/noise; echo $((6*7)) > /run/kept");
  await save.click();
  const toast = page.locator(".toast").filter({ hasText: "The machine could not be saved." });
  await expect(toast).toContainText("It runs on.");
  await expect(save).toContainText(/^Not saved for \d+ (s|min)$/);
  await expect(page.locator("#status")).toHaveText("running");
  await machine.enter("echo $((6*8))");
  await machine.line(/^48$/);
  const panel = await machine.panel("Machines");
  await expect(panel.locator("#facts")).toContainText("failed; before that");
  await toast.getByRole("button", { name: "Close notice" }).click();
  await browser.send("Storage.overrideQuotaForOrigin", { origin });
  await save.click();
  await expect(save).toContainText(/^Saved \d+ s ago/);
  await page.reload();
  await machine.prompt();
  expect((await machine.exec("stat -c %s /root/noise; cat /run/kept")).stdout).toBe("20000000\n42\n");
});

test.describe("a failure", () => {
  test.use({ permissions: ["clipboard-read", "clipboard-write"] });

  test("its details can be copied: what, why, what next, the browser, the kernel's last words", async ({ machine }) => {
    const { page } = machine;
    await machine.boot("?keep=no");
    await machine.enter("echo c > /proc/sysrq-trigger");
    await machine.failure("kernel-panic");
    await page.getByRole("button", { name: "Copy details" }).click();
    await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
    const text = await page.evaluate(() => navigator.clipboard.readText());
    const [title, reason, hint, agent] = text.split("\n");
    expect(title).toBe("The machine's kernel panicked");
    expect(reason).toMatch(/^kernel-panic: .*sysrq/i);
    expect(hint).toContain("Try again");
    expect(agent).toBe(await page.evaluate(() => navigator.userAgent));
    expect(text).toContain("Kernel panic - not syncing");
  });
});
