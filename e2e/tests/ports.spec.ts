import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BrowserContext, FrameLocator, Locator, Page } from "@playwright/test";
import { axeFindings } from "../support/axe.ts";
import { MachineDriver } from "../support/machine.ts";
import { expect, test } from "../support/test.ts";

const read = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../support/guest/${name}`, import.meta.url)), "utf8");
const SERVER = read("server.py");
const PROBE = read("probe.js");
const CANARY = "canary-4711";

// WHY not localhost: private windows, as those of tests are, allow a frame no worker that is of another domain than the page.
test.use({ baseURL: `http://warmboot.localhost:${process.env["WARMBOOT_TEST_PORT"]}/`, serviceWorkers: "allow" });

const frameOf = (page: Page): FrameLocator => page.frameLocator("iframe.port-frame");
const heading = (page: Page, name: string) => frameOf(page).getByRole("heading", { name, exact: true });

/** Starts the servers of the tests in the guest. */
async function serve(machine: MachineDriver, ...servers: readonly (readonly [port: number, name: string])[]) {
  await machine.page.evaluate(
    async ([server, hostile]) => {
      await window.warmboot?.session?.files.write("/tmp/server.py", server as string);
      await window.warmboot?.session?.files.write("/tmp/hostile.html", hostile as string);
    },
    [SERVER, `<!doctype html><title>Hostile</title><h1>begun</h1><script>${PROBE}</script>`],
  );
  for (const [port, name] of servers)
    await machine.exec(`setsid python3 /tmp/server.py ${port} ${name} > /tmp/server-${port}.log 2>&1 &`);
}

/** Clicks in a frame until that shows. WHY again: Chromium drops clicks in a frame of another origin that has only just appeared. */
async function click(what: Locator, seen: Locator): Promise<void> {
  await expect(async () => {
    if (!(await seen.isVisible())) await what.click({ timeout: 2000 });
    await expect(seen).toBeVisible({ timeout: 5000 });
  }).toPass();
}

async function inTab(context: BrowserContext, press: () => Promise<void>): Promise<Page> {
  const [tab] = await Promise.all([context.waitForEvent("page"), press()]);
  return tab;
}

test("a server is a card; its pages open in a pane and a tab, with links, forms, cookies and WebSockets", async ({
  machine,
  context,
}) => {
  const { page } = machine;
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await machine.boot("?machine=served");
  const panel = await machine.panel("Ports");
  await expect(panel.getByText("No program in the machine listens for connections.")).toBeVisible();
  await serve(machine, [8000, "first"]);
  await machine.exec("setsid python3 -m http.server --bind 127.0.0.1 8001 > /dev/null 2>&1 &");
  const card = panel.getByRole("region", { name: "Port 8000" });
  await expect(card).toContainText("python3");
  await expect(panel.getByRole("region", { name: "Port 8001" })).toContainText("from within the machine only");
  await expect(page.locator(".ports-badge")).toHaveText("2");
  await card.getByRole("button", { name: "Copy address" }).click();
  await expect(card.getByRole("button", { name: "Copied" })).toBeVisible();
  const copied = new URL(await page.evaluate(() => navigator.clipboard.readText()));
  expect(copied.pathname + copied.search).toBe("/port.html?machine=served&port=8000");
  expect(await axeFindings(page)).toEqual([]);

  await card.getByRole("button", { name: "Open here" }).click();
  await expect(heading(page, "Home of first")).toBeVisible();
  // The document is as it was: no other mode by what was put into it, and its picture by an absolute address is there.
  await expect(frameOf(page).locator("#said")).toHaveText("mode CSS1Compat");
  await expect
    .poll(() =>
      frameOf(page)
        .locator("#pic")
        .evaluate((image: HTMLImageElement) => image.naturalWidth),
    )
    .toBe(21);
  expect(await axeFindings(page)).toEqual([]);
  await click(
    frameOf(page).getByText("out", { exact: true }),
    panel.getByRole("link", { name: "https://example.com/" }),
  );
  await click(frameOf(page).getByRole("button", { name: "add" }), heading(page, "42"));
  await expect(frameOf(page).locator("p")).toHaveText("http://localhost:8000");
  await panel.getByRole("button", { name: "Back" }).click();
  await expect(heading(page, "Home of first")).toBeVisible();
  await panel.getByRole("button", { name: "Forward" }).click();
  await expect(heading(page, "42")).toBeVisible();
  await panel.getByRole("button", { name: "Back" }).click();
  await expect(heading(page, "Home of first")).toBeVisible();

  const tab = await inTab(context, () => panel.getByRole("button", { name: "Open in a new tab" }).click());
  await click(frameOf(tab).locator("#abs"), heading(tab, "/second?n=42"));
  await expect(frameOf(tab).locator("p")).toHaveText("localhost:8000 http://localhost:8000/");
  await expect(tab.getByRole("textbox", { name: "Address in the machine" })).toHaveValue("localhost:8000/second?n=42");
  await expect(tab).toHaveTitle("Second – served");
  expect(await axeFindings(tab)).toEqual([]);
  // A redirect to an absolute address sets two cookies; scripts see the one that they may.
  await tab.getByRole("textbox", { name: "Address in the machine" }).fill("localhost:8000/hop");
  await tab.getByRole("textbox", { name: "Address in the machine" }).press("Enter");
  await expect(heading(tab, "seen=1; secret=x")).toBeVisible();
  const asked = await frameOf(tab)
    .locator("h1")
    .evaluate(async () => {
      const before = document.cookie;
      // biome-ignore lint/suspicious/noDocumentCookie: what pages do is tested.
      document.cookie = "mine=2";
      const text = await (await fetch("/cookies")).text();
      return [before, document.cookie, /<h1>(.*)<\/h1>/.exec(text)?.[1]];
    });
  expect(asked).toEqual(["seen=1", "seen=1; mine=2", "seen=1; secret=x; mine=2"]);

  const sum = await frameOf(tab)
    .locator("h1")
    .evaluate(async () => (await fetch("/sum", { method: "POST", body: new Uint8Array(1_000_000).fill(7) })).text());
  expect(sum).toBe(createHash("sha256").update(Buffer.alloc(1_000_000, 7)).digest("hex"));
  const echoed = await frameOf(tab)
    .locator("h1")
    .evaluate(
      () =>
        new Promise((resolve) => {
          const socket = new WebSocket("ws://localhost:8000/echo");
          socket.binaryType = "arraybuffer";
          const got: unknown[] = [];
          socket.onopen = () => {
            socket.send("hello");
            socket.send(new Uint8Array([1, 2, 3]));
          };
          socket.onmessage = ({ data }) => {
            got.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
            if (got.length === 2) socket.close(3001, "done");
          };
          socket.onclose = ({ code, reason, wasClean }) => resolve([...got, code, reason, wasClean]);
        }),
    );
  expect(echoed).toEqual(["HELLO", [3, 2, 1], 3001, "done", true]);

  // On a phone, too: over the terminal.
  await page.setViewportSize({ width: 360, height: 740 });
  await expect(heading(page, "Home of first")).toBeInViewport();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await panel.getByRole("button", { name: "Close page" }).click();
  await expect(card).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});

test("answers come as they are sent; two ports in two tabs outlive their server and the machine's page", async ({
  machine,
  context,
}) => {
  const { page } = machine;
  await machine.boot("?machine=served");
  const panel = await machine.panel("Ports");
  await serve(machine, [8000, "first"], [9000, "second"]);
  const open = (port: number) =>
    inTab(context, () =>
      panel
        .getByRole("region", { name: `Port ${port}` })
        .getByRole("link", { name: "Open in a new tab" })
        .click(),
    );
  const first = await open(8000);
  await expect(heading(first, "Home of first")).toBeVisible();
  const second = await open(9000);
  await expect(heading(second, "Home of second")).toBeVisible();

  // The beginning is seen before there is an end.
  await click(frameOf(first).locator("#slow"), heading(first, "begun"));
  await expect(heading(first, "ended")).toHaveCount(0);
  await machine.exec("touch /tmp/go-8000");
  await expect(heading(first, "ended")).toBeVisible();

  // A large download that begins and waits is whole in the end.
  await frameOf(first)
    .locator("h1")
    .evaluate(async () => {
      const reader = (await fetch("/big")).body?.getReader();
      await reader?.read();
      Object.assign(window, { reader });
    });
  const size = await frameOf(first)
    .locator("h1")
    .evaluate(async () => {
      const { reader } = window as unknown as { reader: ReadableStreamDefaultReader<Uint8Array> };
      let bytes = 0;
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) bytes += piece.value.length;
      return bytes;
    });
  expect(size).toBeGreaterThan(23 << 20);

  // The server ends, which is said, and comes back by itself.
  await machine.exec("pkill -f 'server.py 8000'");
  await first.getByRole("button", { name: "Reload" }).click();
  await expect(heading(first, "Nothing listens on port 8000")).toBeVisible();
  expect(await axeFindings(first)).toEqual([]);
  await machine.exec("setsid python3 /tmp/server.py 8000 again > /dev/null 2>&1 &");
  await expect(heading(first, "ended")).toBeVisible();

  // The machine's page is loaded again: its servers go on, and so do the tabs.
  await page.evaluate(async () => {
    await window.warmboot?.session?.save();
  });
  await page.goto("about:blank");
  const gone = "The machine of this page is not running here";
  await expect(second.getByRole("heading", { name: gone })).toBeVisible();
  expect(await axeFindings(second)).toEqual([]);
  await page.goBack();
  await machine.prompt();
  await expect(second.getByRole("heading", { name: gone })).toHaveCount(0);
  await second.getByRole("button", { name: "Reload" }).click();
  await expect(heading(second, "Home of second")).toBeVisible();
  await click(frameOf(second).locator("#abs"), heading(second, "/second?n=42"));

  // Or it is opened from there.
  await page.evaluate(async () => {
    await window.warmboot?.session?.save();
  });
  await page.close();
  const again = new MachineDriver(
    await inTab(context, () => second.getByRole("button", { name: "Open the machine" }).click()),
  );
  await again.prompt();
  expect(new URL(again.page.url()).search).toBe("?machine=served");
  await expect(second.getByRole("heading", { name: gone })).toHaveCount(0);
  await second.getByRole("button", { name: "Reload" }).click();
  await expect(heading(second, "/second?n=42")).toBeVisible();
});

test("a page of the guest reads nothing of the site, and reaches no other port", async ({ machine }) => {
  const { page } = machine;
  await machine.boot("?machine=served");
  await serve(machine, [8000, "first"], [9000, "second"]);
  await page.evaluate(async (canary) => {
    localStorage.setItem("canary", canary);
    document.documentElement.dataset["canary"] = canary;
    await new Promise<void>((resolve) => {
      const opening = indexedDB.open("canary");
      opening.onupgradeneeded = () => opening.result.createObjectStore("canary").put(canary, "canary");
      opening.onsuccess = () => resolve(opening.result.close());
    });
  }, CANARY);
  // The same probe finds all of it where it may: the test can fail.
  const control = await page.evaluate(`${PROBE}; probe()`);
  const found = JSON.parse(control as string) as Record<string, string>;
  for (const way of ["storage", "parent-storage", "parent-document", "database"]) expect(found[way]).toContain(CANARY);

  const panel = await machine.panel("Ports");
  await panel.getByRole("region", { name: "Port 8000" }).getByRole("button", { name: "Open here" }).click();
  await expect(heading(page, "Home of first")).toBeVisible();
  const address = panel.getByRole("textbox", { name: "Address in the machine" });
  await address.fill("localhost:8000/hostile");
  await address.press("Enter");
  await expect(frameOf(page).locator("h1")).toHaveText(/^\{/);
  const text = (await frameOf(page).locator("h1").textContent()) ?? "";
  expect(text).not.toContain(CANARY);
  expect(text).not.toContain("Home of second");
  const tried = JSON.parse(text) as Record<string, string>;
  // It did get what is its own, by the same way that it wanted more by.
  expect(tried["link"]).toContain("Home of first");
  expect(tried["viewer"]).toBe("no answer");
  for (const way of ["parent-storage", "parent-document", "navigate"]) expect(tried[way]).toContain("SecurityError");
  expect(new URL(page.url()).search).toBe("?machine=served");
  expect(await page.evaluate(() => window.warmboot?.session?.state)).toBe("running");
});
