import type { Page } from "@playwright/test";
import { axeFindings } from "../support/axe.ts";
import { digestOf, guest, list, row } from "../support/files.ts";
import { expect, test } from "../support/test.ts";
import { choose, downloaded, sha256 } from "../support/transfer.ts";

const shownNames = (page: Page) => list(page).locator(".file-rows .text").allTextContents();

test("a directory is shown, sorted, followed and walked through by keys; 5,000 entries too", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await guest(
    machine,
    `mkdir -p /root/d/sub /root/many; cd /root/d; head -c 2500 /dev/zero > b10; head -c 70 /dev/zero > b9; touch .hidden
     touch "$(printf 'caf\\351')" "$(printf 'new\\nline')" "it's \\"quoted\\"" 日本; ln -s sub link; chown user:daemon b9; chmod 4750 b9
     touch -d '2001-02-03' b10; cd /root/many; seq -f 'f%05g' 5000 | xargs touch`,
  );
  const panel = await machine.panel("Files");
  await row(page, "d").dblclick();
  await expect.poll(() => shownNames(page)).toContain("b10");
  expect(await shownNames(page)).toEqual([
    "sub",
    "b9",
    "b10",
    "caf\\xe9",
    'it\'s "quoted"',
    "link",
    "new\\nline",
    "日本",
  ]);
  await panel.getByRole("button", { name: "Size" }).click();
  await panel.getByRole("button", { name: "Size" }).click();
  expect((await shownNames(page)).slice(0, 3)).toEqual(["sub", "b10", "b9"]);
  await expect(panel.getByRole("columnheader", { name: "Size" })).toHaveAttribute("aria-sort", "descending");
  await panel.getByRole("button", { name: "Show hidden files" }).click();
  await expect.poll(() => shownNames(page)).toContain(".hidden");

  // Owner and mode, as the guest has them.
  await row(page, "b9").click();
  await expect(panel.getByRole("region", { name: "Chosen" })).toContainText("-rwsr-x--- user:daemon");
  await expect(panel.getByRole("region", { name: "Chosen" })).toContainText("70 bytes");
  expect(await axeFindings(page)).toEqual([]);

  // What happens in the guest is seen.
  await guest(machine, "cd /root/d; touch fresh; rm b9");
  await expect.poll(() => shownNames(page)).toContain("fresh");
  await expect.poll(() => shownNames(page)).not.toContain("b9");

  // The keys: into a link to a directory and up again, by name, into thousands, to their end.
  await list(page).focus();
  await page.keyboard.type("lin");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("navigation", { name: "Path" })).toContainText("link");
  await page.keyboard.press("Backspace");
  await expect(row(page, "link")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Backspace");
  await expect(row(page, "d")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(list(page)).toHaveAttribute("aria-rowcount", "5001");
  await panel.getByRole("button", { name: "Name", exact: true }).click();
  await list(page).focus();
  await page.keyboard.press("End");
  await expect(row(page, "f05000")).toHaveAttribute("aria-selected", "true");
  expect(await list(page).getByRole("row").count()).toBeLessThan(100);
  await page.keyboard.press("Shift+Home");
  await expect(panel.getByRole("region", { name: "Chosen" })).toContainText("5,000 things");

  // A typed path: one that is there, and one that is not. Escape leaves the field, and not the panel.
  await panel.getByRole("button", { name: "Type a path" }).click();
  await page.keyboard.type("~/none");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("alert").filter({ hasText: "It is not there." })).toBeVisible();
  await panel.getByRole("textbox", { name: "Path" }).fill("../d/sub/../b10");
  await page.keyboard.press("Enter");
  await expect(row(page, "b10")).toHaveAttribute("aria-selected", "true");
  await panel.getByRole("button", { name: "Type a path" }).click();
  await page.keyboard.press("Escape");
  await expect(panel.getByRole("button", { name: "Type a path" })).toBeFocused();

  // A directory that goes away says so.
  await guest(machine, "rm -r /root/d");
  await expect(panel.getByText("This directory cannot be shown. It is not there.")).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await panel.getByRole("button", { name: "Up", exact: true }).click();
  await expect(row(page, "many")).toBeVisible();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: "light" });

  test("tap, choose, upload, edit: nothing scrolls sideways", async ({ machine }) => {
    const { page } = machine;
    await machine.boot();
    await guest(
      machine,
      "mkdir -p /root/p; cd /root/p; printf a > a.txt; printf b > a-rather-long-name-of-a-file-that-does-not-fit.txt",
    );
    const panel = await machine.panel("Files");
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await row(page, "p").tap();
    await row(page, "p").tap();
    await expect(row(page, "a.txt")).toBeVisible();
    await row(page, "a.txt").locator(".tick").tap();
    await row(page, "a-rather-long-name-of-a-file-that-does-not-fit.txt").locator(".tick").tap();
    await expect(panel.getByRole("region", { name: "Chosen" })).toContainText("2 things");
    const out = await downloaded(page, () => panel.getByRole("button", { name: "Download" }).tap());
    expect(out.name).toBe("p.tar.gz");
    expect(await overflow()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    await choose(page, () => panel.getByRole("button", { name: "Upload files" }).tap(), [
      { name: "up", buffer: Buffer.from("up") },
    ]);
    await expect.poll(() => digestOf(machine, "/root/p/up")).toBe(sha256(Buffer.from("up")));
    await row(page, "a.txt").tap();
    await panel.getByRole("button", { name: "Edit" }).tap();
    await panel.getByRole("textbox", { name: "Text of a.txt" }).fill("phone");
    await panel.getByRole("button", { name: "Save", exact: true }).tap();
    await expect.poll(() => guest(machine, "cat /root/p/a.txt")).toBe("phone");
    expect(await overflow()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
  });
});
