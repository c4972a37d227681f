import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium, type Page } from "@playwright/test";
import { axeFindings } from "../support/axe.ts";
import { BROWSER_ARGS, findBrowser } from "../support/browser.ts";
import { freePort } from "../support/free-port.ts";
import { MachineDriver } from "../support/machine.ts";
import { SITE, SiteProcess } from "../support/site-process.ts";
import { serveStatic } from "../support/static-server.ts";
import { test as base, expect } from "../support/test.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const IMAGE = path("../../image/.cache/default");
const SECOND_SITE = path("../test-results/site-second");
const WAIT = { timeout: 180_000 };

/** The site has a server of its own, which serves it when the test begins. */
const test = base.extend<{ server: SiteProcess }>({
  server: async ({ page: _page }, use) => {
    const server = new SiteProcess(await freePort());
    await server.start();
    try {
      await use(server);
    } finally {
      await server.stop();
    }
  },
});
test.use({ serviceWorkers: "allow" });

const opened = (page: Page) => page.evaluate(() => window.warmboot?.session?.opened.how);

/** The part of the settings about it. */
async function settings(machine: MachineDriver) {
  const panel = await machine.panel("Settings and help");
  return panel.getByRole("region", { name: "Without a network" });
}

/** What the browser keeps for the site, without chunks of disks. */
const cachesOf = (page: Page) =>
  page.evaluate(async () => (await caches.keys()).filter((name) => /^warmboot-(site|image) /.test(name)).sort());

/** What the browser would have kept anyway is no proof. */
async function forgetHttpCache(page: Page): Promise<void> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Network.clearBrowserCache");
  await cdp.detach();
}

const python = (text: string) => `python3 -c 'import hashlib; print(hashlib.sha3_256(b"${text}").hexdigest())'`;
const hashOf = (text: string) => `${createHash("sha3-256").update(text).digest("hex")}\n`;

test("after one visit and without a server: the machine goes on, others start, what was never read is there; and it can be removed", async ({
  machine,
  context,
  server,
}) => {
  const { page } = machine;
  await page.goto(server.origin);
  await machine.prompt();
  await machine.enter("cd /tmp; answer=$((6*7))");
  const about = await settings(machine);
  await expect(about).toContainText(/Available offline: everything, \d+\.\d MB/, WAIT);
  await expect(about.getByRole("button", { name: "Keep everything for offline use" })).toHaveCount(0);
  expect(await axeFindings(page)).toEqual([]);
  // The site's own files and the image's, and nothing else.
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const lists = names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url));
    return (await Promise.all(lists)).flat();
  });
  const ours = new RegExp(`^(${server.origin}/|https://chunk\\.invalid/[0-9a-f]{64}$)`);
  expect(kept.filter((url) => !ours.test(url))).toEqual([]);
  expect(kept.filter((url) => /chunks\//.test(url))).toEqual([]);
  await page.evaluate(() => window.warmboot?.session?.save());
  await page.close();

  await server.stop();
  const second = new MachineDriver(await context.newPage());
  await forgetHttpCache(second.page);
  await second.page.goto(server.origin);
  await second.prompt();
  expect(await opened(second.page)).toBe("warm");
  await second.enter("echo $((answer+1)) in $PWD");
  await second.line(/^43 in \/tmp$/);
  expect((await second.exec(python("never read"))).stdout).toBe(hashOf("never read"));
  for (const title of ["Machines", "Files", "Network", "Settings and help"]) await second.panel(title);
  await expect(await settings(second)).toContainText("Available offline: everything", WAIT);

  await second.page.goto(`${server.origin}/?machine=new`);
  await second.prompt();
  expect(await opened(second.page)).toBe("new");
  expect((await second.exec(python("new"))).stdout).toBe(hashOf("new"));
  // From the kernel: no state that the image brings along is of that memory.
  await second.page.goto(`${server.origin}/?machine=small&memory=160`);
  await second.prompt();
  const memory = Number((await second.exec("awk '/MemTotal/ { print $2 }' /proc/meminfo")).stdout);
  expect(memory).toBeGreaterThan(100_000);
  expect(memory).toBeLessThan(160 * 1024);

  await server.start();
  const again = await settings(second);
  await again.getByRole("button", { name: "Remove what is kept" }).click();
  await second.page.getByRole("button", { name: "Remove it" }).click();
  await expect(again).toContainText("Nothing is kept for use without a network.", WAIT);
  expect(await cachesOf(second.page)).toEqual([]);
  await second.page.evaluate(() => window.warmboot?.session?.save());
  await second.page.reload();
  await second.prompt();
  expect(await opened(second.page)).toBe("warm");
  await expect(await settings(second)).toContainText("Nothing is kept for use without a network.");
  expect(await second.page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  await server.stop();
  await expect(second.page.reload()).rejects.toThrow("ERR_CONNECTION_REFUSED");
});

test("a new version waits until it is asked for, and the old one goes on in other tabs, without a server too", async ({
  machine,
  context,
  server,
}) => {
  execFileSync(
    "npx",
    ["vite", "build", "-c", path("../../vite.config.ts"), "--outDir", SECOND_SITE, "--logLevel", "error"],
    {
      env: { ...process.env, WARMBOOT_VERSION: "the second" },
    },
  );
  // A connection of which no more is taken than somebody asks for.
  await context.addInitScript(() => {
    Object.defineProperty(navigator, "connection", { value: { saveData: true } });
  });
  const { page } = machine;
  await page.goto(server.origin);
  await machine.prompt();
  await machine.enter("answer=$((6*7))");
  const other = new MachineDriver(await context.newPage());
  await other.page.goto(`${server.origin}/?machine=other`);
  await other.prompt();
  for (const each of [page, other.page])
    await each.evaluate(async () => {
      await navigator.serviceWorker.ready;
      Object.assign(window, { isTheSame: true });
    });
  const isTheSame = (each: Page) => each.evaluate(() => "isTheSame" in window);

  await server.start(SECOND_SITE);
  // As the browser does by itself when a page is opened, and the page once an hour.
  await page.evaluate(async () => void (await navigator.serviceWorker.getRegistration())?.update());
  for (const each of [page, other.page]) await expect(each.getByText("A new version is ready")).toBeVisible(WAIT);
  await other.page.getByRole("button", { name: "Later" }).click();
  await expect(other.page.getByText("A new version is ready")).toHaveCount(0);
  for (const each of [page, other.page]) expect(await isTheSame(each)).toBe(true);
  expect((await cachesOf(page)).length).toBe(2);

  await page.bringToFront();
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Reload now" }).click();
  await page.waitForFunction(() => !("isTheSame" in window));
  await machine.prompt();
  expect(await opened(page)).toBe("warm");
  await machine.enter("echo $((answer+1))");
  await machine.line(/^43$/);
  const about = await settings(machine);
  await expect(about).toContainText("This is version the second of the site.");
  await expect(about).toContainText("This connection saves data");

  // The other tab is of the first version still, and has what it loads only now. What is not kept is an I/O error for its guest.
  expect((await other.exec("dd if=/dev/null of=/dev/null; which sh")).exitCode).toBe(0);
  await server.stop();
  await other.page.bringToFront();
  await forgetHttpCache(other.page);
  expect(await isTheSame(other.page)).toBe(true);
  expect((await other.exec("echo $((6*7))")).stdout).toBe("42\n");
  expect((await other.exec("dd if=/usr/bin/git of=/dev/null bs=4k count=1")).stderr).toContain("Input/output error");
  await expect(other.page.getByText("The machine's disk has a fault.").first()).toBeVisible();
  await expect(await settings(other)).toContainText(/This is version \d[\d.]+ of the site/);

  // Its files go when it is of the second, too.
  await server.start(SECOND_SITE);
  await other.page.getByRole("button", { name: "Reload now" }).click();
  await other.page.waitForFunction(() => !("isTheSame" in window));
  await other.prompt();
  await expect.poll(() => cachesOf(page), WAIT).toHaveLength(1);

  await (await settings(other)).getByRole("button", { name: "Keep everything for offline use" }).click();
  await expect(await settings(other)).toContainText(/Available offline: about \d+ of \d+ MB. The rest/, WAIT);
});

test("in a folder of a host that sends no headers it can be installed, and opens without the host", async () => {
  const folder = path("../test-results/offline-hosting");
  execFileSync(process.execPath, [
    path("../../web/dist/server/assemble.js"),
    "--site",
    SITE,
    "--image",
    IMAGE,
    "--out",
    folder,
  ]);
  const server = await serveStatic({ "/lab/box/": folder });
  const profile = mkdtempSync(join(tmpdir(), "warmboot-profile-"));
  // WHY a browser of its own: in a private window nothing can be installed.
  const launch = () => chromium.launchPersistentContext(profile, { executablePath: findBrowser(), args: BROWSER_ARGS });
  let context = await launch();
  try {
    const machine = new MachineDriver(await context.newPage());
    const { page } = machine;
    await page.goto(`${server.origin}/lab/box/`);
    await machine.prompt();
    const cdp = await context.newCDPSession(page);
    const manifest = await cdp.send("Page.getAppManifest");
    expect(manifest.errors).toEqual([]);
    expect(manifest.url).toBe(`${server.origin}/lab/box/manifest.webmanifest`);
    expect(manifest.manifest).toMatchObject({
      startUrl: `${server.origin}/lab/box/`,
      scope: `${server.origin}/lab/box/`,
    });
    expect((await cdp.send("Page.getInstallabilityErrors")).installabilityErrors).toEqual([]);
    await expect(await settings(machine)).toContainText("Available offline: everything", WAIT);
    await page.evaluate(() => window.warmboot?.session?.save());
    // The browser is closed, and the host is gone.
    await context.close();
    server.close();
    context = await launch();
    const later = new MachineDriver(await context.newPage());
    await later.page.goto(`${server.origin}/lab/box/index.html?keep=no`);
    await later.prompt();
    expect((await later.exec(python("in a folder"))).stdout).toBe(hashOf("in a folder"));
    await later.page.goto(`${server.origin}/lab/box/`);
    await later.prompt();
    expect(await opened(later.page)).toBe("warm");
    // Other folders of the host are none of it.
    await expect(later.page.goto(`${server.origin}/lab/`)).rejects.toThrow("ERR_CONNECTION_REFUSED");
  } finally {
    await context.close();
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
});
