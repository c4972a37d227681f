/** The built package in pages that no tool has touched, on plain static servers: the examples of docs/ that are pages. */
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { imageManifest } from "../support/image.ts";
import { type StaticServer, serveStatic } from "../support/static-server.ts";
import { expect, test } from "../support/test.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const PACKAGE = { "/warmboot/": path("runtime-sdk/dist/embed") };
const IMAGE = { "/image/": path("image/.cache/default") };

const servers: StaticServer[] = [];
test.afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function serve(...args: Parameters<typeof serveStatic>): Promise<string> {
  const server = await serveStatic(...args);
  servers.push(server);
  return server.origin;
}

/** 5050 and the machine's name are computed in the guest; they are nowhere in the page. */
const answer = (page: Page) => expect(page.locator("#output")).toHaveText(/^Linux i686\n5050\n$/, { timeout: 180_000 });

test("the example page runs a command, with no headers but the content type", async ({ page }) => {
  const origin = await serve({ "/": path("docs/examples"), ...PACKAGE, ...IMAGE });
  const requested: string[] = [];
  page.on("request", (request) => requested.push(new URL(request.url()).pathname));
  const response = await page.goto(`${origin}/embed.html`);
  const headers = Object.keys(response?.headers() ?? {});
  expect(headers.filter((name) => /policy|cross-origin|access-control/.test(name))).toEqual([]);
  await answer(page);
  expect(requested.filter((file) => file.startsWith("/warmboot/")).sort()).toEqual([
    "/warmboot/v86.wasm",
    "/warmboot/warmboot.js",
    "/warmboot/worker.js",
  ]);
  // Closed: nothing of it is left.
  await expect.poll(() => page.workers().length).toBe(0);
});

test("the package and the image on another site than the page, under a strict policy", async ({ page }) => {
  const shared = await serve({ ...PACKAGE, ...IMAGE }, { "Access-Control-Allow-Origin": "*" });
  const policy = [
    "default-src 'none'",
    `script-src 'self' ${shared} 'wasm-unsafe-eval'`,
    `connect-src ${shared}`,
    // The worker made here is a blob:, and what it imports counts as a worker's script too.
    `worker-src blob: ${shared}`,
  ];
  const own = await serve({ "/": path("e2e/support/pages") }, { "Content-Security-Policy": policy.join("; ") });
  await page.goto(`${own}/elsewhere.html?from=${shared}`);
  await answer(page);
});

test("the terminal example: a shell that is typed into, follows the window and ends", async ({ page }) => {
  const xterm = (part: string) => path(`node_modules/@xterm/${part}`);
  const origin = await serve({
    "/": path("docs/examples"),
    "/xterm/": xterm("xterm"),
    "/addon-fit/": xterm("addon-fit"),
    ...PACKAGE,
    ...IMAGE,
  });
  await page.goto(`${origin}/terminal.html`);
  const rows = page.locator(".xterm-rows");
  const enter = async (line: string) => {
    await page.locator(".xterm-helper-textarea").focus();
    await page.keyboard.type(line);
    await page.keyboard.press("Enter");
  };
  await expect(rows).toContainText("root@warmboot", { timeout: 180_000 });
  await enter("echo $((6*7))=$(stty size)");
  await expect(rows).toContainText(/42=\d+ \d+/);
  const size = async () => /=(\d+) (\d+)\D/.exec((await rows.textContent()) ?? "")?.slice(1) ?? [];
  const before = await size();
  await page.setViewportSize({ width: 640, height: 400 });
  await enter(`clear; until [ "$(stty size)" != "${before.join(" ")}" ]; do sleep 0.1; done; echo now=$(stty size)`);
  await expect(rows).toContainText(/now=\d+ \d+/);
  const after = await size();
  expect(Number(after[0])).toBeLessThan(Number(before[0]));
  expect(Number(after[1])).toBeLessThan(Number(before[1]));
  await enter("exit $((5*5))");
  await expect(rows).toContainText("exit code 25");
});

test("an image of one's own gets the firmware that lies beside the bundle", async ({ page }) => {
  const origin = await serve({ "/": path("e2e/support/pages"), ...PACKAGE, ...IMAGE });
  const kernel = encodeURIComponent(`${origin}/image/${imageManifest().kernel.file}`);
  await page.goto(`${origin}/elsewhere.html?from=${origin}&kernel=${kernel}`);
  await expect(page.locator("#output")).toHaveText(/^Linux version 6\.\d+/, { timeout: 180_000 });
});

test("a worker that is not there: the error says so", async ({ page }) => {
  const origin = await serve({ "/": path("docs/examples"), ...PACKAGE, ...IMAGE });
  await page.route("**/worker.js", (route) => route.fulfill({ status: 404 }));
  await page.goto(`${origin}/embed.html`);
  await expect(page.locator("#output")).toContainText("script could not be loaded");
});
