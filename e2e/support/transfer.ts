/** Files between a test and the page, as a person moves them. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type Download, expect, type Page } from "@playwright/test";

export const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Presses what opens the browser's chooser, and chooses. */
export async function choose(
  page: Page,
  press: () => Promise<void>,
  files: string | readonly { readonly name: string; readonly buffer: Buffer }[],
): Promise<void> {
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), press()]);
  await chooser.setFiles(
    typeof files === "string" ? files : files.map((file) => ({ ...file, mimeType: "application/octet-stream" })),
  );
}

/** Presses what begins a download, and returns its name and bytes. */
export async function downloaded(page: Page, press: () => Promise<void>): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), press()]);
  return content(download);
}

export async function content(download: Download): Promise<{ name: string; bytes: Buffer }> {
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** Drags files and folders of this computer over the page; the result lets go of them. */
export async function dragOver(
  page: Page,
  files: readonly string[],
  x: number,
  y: number,
): Promise<() => Promise<void>> {
  const browser = await page.context().newCDPSession(page);
  const data = { items: [], files: [...files], dragOperationsMask: 1 };
  const send = (type: "dragEnter" | "dragOver" | "drop") =>
    browser.send("Input.dispatchDragEvent", { type, x, y, data });
  // WHY again and again: the page takes dragged files a moment after the machine answers, and what is over it tells so many times.
  await expect
    .poll(async () => {
      await send("dragEnter");
      await send("dragOver");
      return page.locator(".drop-place").isVisible();
    })
    .toBe(true);
  return async () => {
    await send("drop");
    await browser.detach();
  };
}
