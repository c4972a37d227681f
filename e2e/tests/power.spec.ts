import { expect, test } from "../support/test.ts";

test("reboot: the boot is shown, then a new shell on the same disk", async ({ machine }) => {
  await machine.boot();
  await machine.enter("echo $((17*3)) > kept; reboot");
  await expect(machine.page.locator(".boot")).toBeVisible();
  await machine.prompt();
  await machine.enter("cat kept; echo up $(cut -d. -f1 /proc/uptime)");
  await machine.line(/^51$/);
  expect(Number((await machine.line(/^up (\d+)$/))[1])).toBeLessThan(300);
  expect(machine.workers()).toHaveLength(1);
});

test("poweroff: the page says so, and starts the machine again with its files", async ({ machine }) => {
  await machine.boot();
  await machine.enter("echo $((19*3)) > kept; poweroff");
  await expect(machine.page.getByRole("heading", { name: "The machine is off" })).toBeVisible();
  await expect(machine.page.locator("#status")).toHaveText("off");
  await expect.poll(() => machine.workers().length).toBe(0);
  await machine.page.getByRole("button", { name: "Start it again" }).click();
  await machine.prompt();
  await machine.enter("cat kept");
  await machine.line(/^57$/);
});

test("a machine that a script pauses and resumes keeps its terminals", async ({ machine }) => {
  await machine.boot();
  await machine.page.evaluate(() => window.warmboot?.session?.pause());
  await expect(machine.page.locator("#status")).toHaveText("paused");
  await machine.enter("echo $((21*2))x");
  await machine.page.evaluate(() => window.warmboot?.session?.resume());
  await expect(machine.page.locator("#status")).toHaveText("running");
  await machine.line(/^42x$/);
});
