import { readFileSync } from "node:fs";
import type { Locator, Page } from "@playwright/test";
import { axeFindings } from "../support/axe.ts";
import { MachineDriver } from "../support/machine.ts";
import { expect, test } from "../support/test.ts";

const overflow = (page: Page) =>
  page.evaluate(() => {
    const panel = document.querySelector(".panel-body");
    return Math.max(0, (panel?.scrollWidth ?? 0) - (panel?.clientWidth ?? 0));
  });

const opened = ({ page }: MachineDriver) => page.evaluate(() => window.warmboot?.session?.opened.how);
const bootId = async (machine: MachineDriver) => (await machine.exec("cat /proc/sys/kernel/random/boot_id")).stdout;
const fact = (panel: Locator, name: string) =>
  panel.locator("#facts > div", { has: panel.page().getByText(name, { exact: true }) }).locator("dd");
const row = (panel: Locator, name: string) =>
  panel
    .getByRole("region", { name: "All machines" })
    .getByRole("listitem")
    .filter({ has: panel.page().getByText(name, { exact: true }) });

/** Does what replaces the machine of the page, and waits until the other one answers. */
async function replaced(machine: MachineDriver, act: () => Promise<void>): Promise<void> {
  await machine.page.evaluate(() => Object.assign(window, { before: window.warmboot?.session }));
  await act();
  await machine.page.waitForFunction(() => {
    const { warmboot, before } = window as typeof window & { before?: unknown };
    return warmboot?.session && warmboot.session !== before;
  });
  await machine.prompt();
}

/** Fills the form that is open for a name. */
async function giveName(panel: Locator, name: string, action: string): Promise<void> {
  await panel.locator(".name-form input").fill(name);
  await panel.locator(".name-form").getByRole("button", { name: action }).click();
}

/** Drops a file on an element. */
async function drop(target: Locator, name: string, path: string): Promise<void> {
  const content = readFileSync(path).toString("base64");
  await target.evaluate(
    async (element, [file, base64]) => {
      const bytes = Uint8Array.from(atob(base64 ?? ""), (character) => character.charCodeAt(0));
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([bytes], file ?? ""));
      for (const type of ["dragover", "drop"])
        element.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    },
    [name, content] as const,
  );
}

test("this machine: what it uses, its switches, and the bar", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await machine.exec("echo $((6*7)) > /root/kept");
  const panel = await machine.panel("Machines");
  await expect(fact(panel, "State")).toHaveText("running");
  await expect(fact(panel, "Came up")).toHaveText(/^new, from its image, in [\d.]+ s$/);
  const seconds = async () => Number(/in ([\d.]+) s$/.exec((await fact(panel, "Came up").textContent()) ?? "")?.[1]);
  const sinceLoad = await page.evaluate(() => performance.now() / 1000);
  expect(await seconds()).toBeGreaterThan(0);
  expect(await seconds()).toBeLessThanOrEqual(sinceLoad);
  const total = Number((await machine.exec("awk '/^MemTotal/ {print $2}' /proc/meminfo")).stdout) * 1024;
  await expect(fact(panel, "Memory")).toHaveText(new RegExp(`^\\d+ of ${(total / 1e6).toFixed(0)} MB used$`));
  const [size] = (await machine.exec("df --output=size -B1 / | tail -1")).stdout.trim().split(/\s+/).map(Number);
  await expect(fact(panel, "Disk")).toHaveText(new RegExp(`of ${((size ?? 0) / 1e9).toFixed(1)} GB used`));
  // The bar follows what the guest does.
  const cpu = async () => Number(/CPU (\d+) %/.exec((await page.locator("#usage").textContent()) ?? "")?.[1]);
  await machine.exec("sh -c 'while :; do :; done' > /dev/null 2>&1 & echo $! > /run/busy");
  await expect.poll(cpu).toBeGreaterThan(60);
  const held = async () => Number(/(\d+) of \d+ MB/.exec((await page.locator("#usage").textContent()) ?? "")?.[1]);
  await machine.exec("kill $(cat /run/busy)");
  await expect.poll(cpu).toBeLessThan(40);
  const before = await held();
  await machine.exec("head -c 40000000 /dev/zero > /dev/shm/held");
  await expect.poll(held).toBeGreaterThan(before + 30);
  expect(await axeFindings(page)).toEqual([]);

  await panel.getByRole("button", { name: "Pause" }).click();
  await expect(page.locator("#status")).toHaveText("paused");
  await expect(fact(panel, "State")).toHaveText("paused");
  await panel.getByRole("button", { name: "Go on" }).click();
  await expect(page.locator("#status")).toHaveText("running");
  await panel.getByRole("button", { name: "Save now" }).click();
  await expect(fact(panel, "Saved")).toHaveText(/^\d+ s ago, [\d.]+ MB in all$/);
  const first = await bootId(machine);
  await panel.getByRole("button", { name: "Reboot" }).click();
  await expect.poll(() => bootId(machine).catch(() => first)).not.toBe(first);
  await machine.prompt();
  // A kernel takes longer than a state that is read.
  await expect(fact(panel, "Came up")).toHaveText(/^booted again, in [\d.]+ s$/);
  expect(await seconds()).toBeGreaterThan(0.3);
  await panel.getByRole("button", { name: "Shut down" }).click();
  await expect(page.getByRole("heading", { name: "The machine is off" })).toBeVisible();
  await expect.poll(() => machine.workers().length).toBe(0);
  expect(await axeFindings(page)).toEqual([]);
  await panel.getByRole("button", { name: "Start it" }).click();
  await machine.prompt();
  expect((await machine.exec("cat /root/kept")).stdout).toBe("42\n");
});

test("machines are copied, renamed, given as files, taken in, opened and deleted", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await machine.exec("echo $((6*7)) > /root/kept; echo $((7*8)) > /run/memory");
  let panel = await machine.panel("Machines");
  // Of the one that is open, as it is now.
  await expect(row(panel, "default")).toBeVisible();
  await row(panel, "default").getByRole("button", { name: "Duplicate default" }).click();
  await giveName(panel, "default", "Duplicate");
  await expect(panel.getByText('There is one called "default" already.')).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await giveName(panel, "copy", "Duplicate");
  await expect(row(panel, "copy")).toContainText("image default, 256 MiB");
  await expect(row(panel, "default")).toContainText("open here");
  await row(panel, "copy").getByRole("button", { name: "Rename copy" }).click();
  await giveName(panel, "a/ü", "Rename");
  await expect(row(panel, "copy")).toHaveCount(0);
  // Of one that is not open.
  await row(panel, "a/ü").getByRole("button", { name: "Duplicate a/ü" }).click();
  await giveName(panel, "twin", "Duplicate");
  await expect(row(panel, "twin")).toBeVisible();

  const exported = page.waitForEvent("download");
  await row(panel, "twin").getByRole("button", { name: "Export twin" }).click();
  const download = await exported;
  expect(download.suggestedFilename()).toBe("twin.warmboot");
  const file = await download.path();
  await panel
    .locator("input[type=file]")
    .setInputFiles({ name: "brought (1).warmboot", mimeType: "", buffer: readFileSync(file) });
  await expect(row(panel, "brought")).toBeVisible();
  await drop(panel.getByRole("heading", { name: "Storage" }), "twin.warmboot", file);
  await expect(row(panel, "twin 2")).toBeVisible();
  await drop(panel.getByRole("heading", { name: "Storage" }), "readme.warmboot", "package.json");
  await expect(panel.getByRole("alert")).toContainText("The file is not a saved machine");
  expect(await axeFindings(page)).toEqual([]);

  // Undone, it is as it was; left alone, it is gone for good, also when the page is left meanwhile.
  await row(panel, "twin").getByRole("button", { name: "Delete twin" }).click();
  await expect(panel.getByRole("button", { name: /^Undo/ })).toBeFocused();
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await row(panel, "a/ü").getByRole("button", { name: "Delete a/ü" }).click();
  await row(panel, "twin 2").getByRole("button", { name: "Delete twin 2" }).click();
  await page.reload();
  await machine.prompt();
  panel = await machine.panel("Machines");
  await expect(panel.getByText('"twin 2" is deleted.')).toBeVisible();
  await panel
    .getByRole("listitem")
    .filter({ hasText: '"twin 2" is deleted.' })
    .getByRole("button", { name: /^Undo/ })
    .click();
  await expect(row(panel, "twin 2")).toBeVisible();
  await expect(panel.getByText('"a/ü" is deleted.')).toHaveCount(0);
  await expect(row(panel, "a/ü")).toHaveCount(0);

  for (const name of ["twin", "brought", "twin 2"]) {
    await machine.panel("Machines");
    await page.getByRole("link", { name, exact: true }).click();
    await expect(page).toHaveTitle(`${name} – Warmboot`);
    await machine.prompt();
    expect(await opened(machine)).toBe("warm");
    expect((await machine.exec("cat /root/kept /run/memory")).stdout).toBe("42\n56\n");
  }
  // The one that was left had been saved, and is not gone by being opened under its old name.
  panel = await machine.panel("Machines");
  await expect(row(panel, "twin 2")).toContainText("open here");
  await row(panel, "twin 2").getByRole("button", { name: "Rename twin 2" }).click();
  await giveName(panel, "renamed", "Rename");
  await expect(page).toHaveTitle("renamed – Warmboot");
  await machine.prompt();
  expect(await opened(machine)).toBe("warm");
  expect((await machine.exec("cat /root/kept /run/memory")).stdout).toBe("42\n56\n");
  panel = await machine.panel("Machines");
  await expect(row(panel, "twin 2")).toHaveCount(0);
});

test("snapshots: kept, gone back to with the present kept too, deleted", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await machine.exec("echo $((1+1)) > /root/round; echo $((2+2)) > /run/round");
  const panel = await machine.panel("Machines");
  const snapshots = panel.getByRole("region", { name: "Snapshots" });
  await snapshots.getByRole("button", { name: "Keep this state" }).click();
  await giveName(panel, "early", "Keep it");
  await expect(snapshots.getByRole("listitem")).toContainText(/early.*\d+ s ago · [\d.]+ MB/);
  await machine.exec("echo $((3+3)) > /root/round; echo $((4+4)) > /run/round");
  await snapshots.getByRole("button", { name: "Go back to early" }).click();
  const dialog = page.locator("dialog");
  await dialog.getByLabel("Name of the present state").fill("early");
  await dialog.getByRole("button", { name: "Go back" }).click();
  await expect(dialog.getByText('There is one called "early" already.')).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByLabel("Name of the present state").fill("late");
  await replaced(machine, () => dialog.getByRole("button", { name: "Go back" }).click());
  expect((await machine.exec("cat /root/round /run/round")).stdout).toBe("2\n4\n");
  await expect(snapshots.getByRole("listitem")).toHaveCount(2);
  // Also for a page that ends before the next save.
  await page.evaluate(() => addEventListener("pagehide", (event) => event.stopImmediatePropagation(), true));
  await page.reload();
  await machine.prompt();
  expect(await opened(machine)).toBe("warm");
  expect((await machine.exec("cat /root/round /run/round")).stdout).toBe("2\n4\n");

  await machine.panel("Machines");
  await snapshots.getByRole("button", { name: "Go back to late" }).click();
  await dialog.getByRole("checkbox").uncheck();
  await replaced(machine, () => dialog.getByRole("button", { name: "Go back" }).click());
  expect((await machine.exec("cat /root/round /run/round")).stdout).toBe("6\n8\n");
  await snapshots.getByRole("button", { name: "Delete snapshot early" }).click();
  await dialog.getByRole("button", { name: "Delete it" }).click();
  await expect(snapshots.getByRole("listitem")).toHaveCount(1);
  await page.reload();
  await machine.prompt();
  await machine.panel("Machines");
  await expect(snapshots.getByRole("listitem")).toContainText("late");
  await expect(snapshots.getByRole("listitem")).toHaveCount(1);
});

test("a new machine has the memory and the disk that were asked for; one that is open elsewhere says so", async ({
  machine,
  context,
}) => {
  const { page } = machine;
  await machine.boot();
  await machine.exec("echo $((6*7)) > /root/kept");
  let panel = await machine.panel("Machines");
  await panel.getByRole("button", { name: "Save now" }).click();
  await expect(row(panel, "default")).toBeVisible();
  await panel.getByRole("button", { name: "New machine" }).click();
  const dialog = page.locator("dialog");
  await dialog.getByLabel("Name").fill("default");
  await expect(dialog.getByText('There is one called "default" already.')).toBeVisible();
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("Name").fill("large");
  await dialog.getByLabel("Memory").fill("63");
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("Memory").fill("128");
  await dialog.getByLabel("Size of the disk").fill("5120");
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect(page).toHaveTitle("large – Warmboot");
  await machine.prompt();
  const memory = Number((await machine.exec("awk '/^MemTotal/ {print $2}' /proc/meminfo")).stdout) / 1024;
  expect(memory).toBeGreaterThan(90);
  expect(memory).toBeLessThan(128);
  const disk = Number((await machine.exec("df --output=size -BM / | tail -1 | tr -dc 0-9")).stdout);
  expect(disk).toBeGreaterThan(4500);
  expect((await machine.exec("ls /root/kept")).exitCode).not.toBe(0);
  panel = await machine.panel("Machines");
  await panel.getByRole("button", { name: "Save now" }).click();
  await expect(row(panel, "large")).toContainText("128 MiB");

  const second = new MachineDriver(await context.newPage());
  await second.boot();
  expect((await second.exec("cat /root/kept")).stdout).toBe("42\n");
  const there = await second.panel("Machines");
  await expect(row(there, "large")).toContainText("open in another tab");
  await expect(row(there, "large").getByRole("button")).toHaveCount(0);
  const storage = there.getByRole("region", { name: "Storage" });
  await expect(storage).toContainText(/The machines take [\d.]+ MB\. All of this site: [\d.]+ [kM]B of [\d.]+ GB\./);
  await second.page.close();
});

test("the browser is asked to keep the machines: once by itself, when one is saved first, and by the button", async ({
  machine,
}) => {
  const { page } = machine;
  await page.addInitScript(() => {
    const storage = { asked: 0, agrees: false, keeps: false };
    Object.assign(window, { browserStorage: storage });
    navigator.storage.persist = async () => {
      storage.asked++;
      storage.keeps = storage.agrees;
      return storage.keeps;
    };
    navigator.storage.persisted = async () => storage.keeps;
    // Nothing is saved but by this test.
    localStorage.setItem("warmboot.settings", JSON.stringify({ autosave: false }));
  });
  const browser = <T>(read: (storage: { asked: number; agrees: boolean }) => T) =>
    page.evaluate(`(${read})(window.browserStorage)`) as Promise<T>;
  await machine.boot();
  expect(await browser(({ asked }) => asked)).toBe(0);
  const storage = (await machine.panel("Machines")).getByRole("region", { name: "Storage" });
  const save = async () => {
    const before = await page.evaluate(() => window.warmboot?.session?.savedAt?.getTime() ?? 0);
    await page.locator("#save").click();
    await page.waitForFunction((at) => (window.warmboot?.session?.savedAt?.getTime() ?? 0) > at, before);
    await expect(page.locator("#save")).toContainText(/^Saved \d+ s ago/);
  };
  await save();
  expect(await browser(({ asked }) => asked)).toBe(1);
  await save();
  expect(await browser(({ asked }) => asked)).toBe(1);
  await expect(storage).toContainText("This browser may delete them");
  const ask = storage.getByRole("button", { name: "Ask the browser to keep them" });
  await ask.click();
  await expect(storage).toContainText("This browser did not agree");
  expect(await browser(({ asked }) => asked)).toBe(2);
  await page.evaluate(() =>
    Object.assign((window as unknown as { browserStorage: object }).browserStorage, { agrees: true }),
  );
  await ask.click();
  await expect(storage).toContainText("This browser does not delete them by itself.");
  await expect(ask).toHaveCount(0);
});

test("an export can be cancelled, and leaves the machine free", async ({ machine }) => {
  const { page } = machine;
  await machine.boot("?machine=a");
  let panel = await machine.panel("Machines");
  await panel.getByRole("button", { name: "Save now" }).click();
  await expect(row(panel, "a")).toBeVisible();
  await machine.boot("?machine=b");
  // What reads a file stops after its first piece, until it is given up.
  await page.evaluate(() => {
    Response.prototype.blob = async function (this: Response) {
      const reader = this.body?.getReader();
      for (let read = await reader?.read(); ; read = await reader?.read()) if ((read?.value?.length ?? 0) > 1e6) break;
      await reader?.closed;
      throw new Error("was not cancelled");
    };
  });
  panel = await machine.panel("Machines");
  await row(panel, "a").getByRole("button", { name: "Export a" }).click();
  await expect(panel.locator(".transfer")).toContainText(/Exporting a: [\d.]+ [kM]B of [\d.]+ MB/);
  await expect(panel.getByRole("progressbar", { name: "Exporting a" })).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await panel.locator(".transfer").getByRole("button", { name: "Cancel" }).click();
  await expect(panel.locator(".transfer")).toHaveCount(0);
  await expect(panel.getByRole("alert")).toHaveCount(0);
  await row(panel, "a").getByRole("button", { name: "Rename a" }).click();
  await giveName(panel, "free", "Rename");
  await expect(row(panel, "free")).toBeVisible();
});

test.describe("on a phone, by keyboard alone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: "light" });

  test("through the list: rename, delete, undo; nothing is cut off", async ({ machine }) => {
    const { page } = machine;
    await machine.boot();
    await machine.exec("echo $((6*7)) > /root/kept");
    const panel = await machine.panel("Machines");
    const tabTo = async (name: string | RegExp) => {
      const wanted = panel.getByRole("button", { name }).first();
      await wanted.waitFor();
      for (let i = 0; i < 60 && !(await wanted.evaluate((each) => each === document.activeElement)); i++)
        await page.keyboard.press("Tab");
      await expect(wanted).toBeFocused();
    };
    await tabTo("Save now");
    await page.keyboard.press("Enter");
    await tabTo("Duplicate default");
    await page.keyboard.press("Enter");
    await page.keyboard.type("second");
    await page.keyboard.press("Enter");
    await expect(row(panel, "second")).toBeVisible();
    // What is behind the panel cannot be reached: the terminal would take the key.
    await expect(page.locator("#stage")).toHaveAttribute("inert");
    await tabTo("Rename second");
    await page.keyboard.press("Enter");
    // Escape ends the form, and not the panel.
    await page.keyboard.press("Escape");
    await expect(panel.locator(".name-form")).toHaveCount(0);
    await expect(panel.getByRole("button", { name: "Rename second" })).toBeFocused();
    expect(await overflow(page)).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    await tabTo("Delete second");
    await page.keyboard.press("Enter");
    await expect(panel.getByRole("button", { name: /^Undo/ })).toBeFocused();
    expect(await overflow(page)).toBe(0);
    await page.keyboard.press("Enter");
    await expect(panel.getByRole("button", { name: "Rename second" })).toBeFocused();
    await page.keyboard.press("Shift+Tab");
    await expect(panel.getByRole("link", { name: "second" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page).toHaveTitle("second – Warmboot");
    await machine.prompt();
    expect((await machine.exec("cat /root/kept")).stdout).toBe("42\n");
  });
});
