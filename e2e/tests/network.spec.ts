import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext } from "@playwright/test";
import { axeFindings } from "../support/axe.ts";
import { freePort } from "../support/free-port.ts";
import { SiteProcess } from "../support/site-process.ts";
import { expect, test } from "../support/test.ts";

const RELAY = fileURLToPath(new URL("../../proxy/dist/main.js", import.meta.url));

/** Our relay on this computer, for pages of one origin. */
class Relay {
  readonly #folder = mkdtempSync(join(tmpdir(), "warmboot-relay-"));
  readonly #config = join(this.#folder, "relay.json");
  #process: ChildProcess | null = null;

  constructor(port: number, operationsPort: number, origin: string) {
    const listen = { host: "127.0.0.1", port };
    const operations = { host: "127.0.0.1", port: operationsPort };
    writeFileSync(this.#config, JSON.stringify({ listen, operations, origins: [origin], auth: { anonymous: true } }));
  }

  start(): void {
    this.#process = spawn(process.execPath, [RELAY, this.#config], { stdio: "ignore" });
  }

  async kill(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
    await ended;
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The tests' site, as it is served where it was built for a relay. */
async function siteWith(relay: string, context: BrowserContext, port: number): Promise<SiteProcess> {
  const server = new SiteProcess(port);
  await server.start(undefined, { WARMBOOT_RELAY: relay });
  // What the build writes into the page.
  await context.route(`${server.origin}/`, async (route) => {
    const response = await route.fetch();
    const body = (await response.text())
      .replace(/<meta http-equiv[^>]*>/, "")
      .replace("</head>", `<meta name="warmboot-relay" content="${relay}"></head>`);
    await route.fulfill({ response, body });
  });
  return server;
}

test("the bar says how the network stands: none, online, lost, online again; what is not allowed is told", async ({
  machine,
  context,
}) => {
  const { page } = machine;
  const network = page.locator("#network");
  await machine.boot();
  await expect(network).toHaveText("no network");

  const [port, sitePort] = [await freePort(), await freePort()];
  const relay = new Relay(port, await freePort(), `http://localhost:${sitePort}`);
  const site = await siteWith(`wisp://localhost:${port}/`, context, sitePort);
  relay.start();
  try {
    await page.goto(site.origin);
    await machine.prompt();
    await expect(network).toHaveText("online");
    // The guest reaches it: a private address is refused by the relay, and not by the guest.
    await machine.enter("curl -sS -m 20 http://10.11.12.13/ 2>&1; echo code-$?");
    await machine.line(/^code-[1-9]/);
    await expect(page.locator(".toast").first()).toContainText("10.11.12.13, port 80: the relay does not allow it.");
    await relay.kill();
    await expect(network).toHaveText("network lost");
    await expect(network).toHaveAttribute("title", /./);
    await context.setOffline(true);
    await expect(network).toHaveText("browser offline");
    await expect(network).toHaveAttribute("title", /^This browser has no network\. ./);
    await context.setOffline(false);
    await expect(network).toHaveText("network lost");
    // There is room for it on a phone, beside everything that can be pressed.
    await page.setViewportSize({ width: 360, height: 740 });
    await expect(network).toBeVisible();
    await expect(page.getByRole("button", { name: "Panels", exact: true })).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    relay.start();
    await expect(network).toHaveText("online");
    await page.goto(`${site.origin}/?network=off`);
    await machine.prompt();
    await expect(network).toHaveText("no network");
  } finally {
    await site.stop();
    await relay.end();
  }
});

test("the panel: a relay of one's own, what goes over it and what may not, and a record of it", async ({
  machine,
  baseURL,
}) => {
  const { page } = machine;
  const network = page.locator("#network");
  const port = await freePort();
  const relay = new Relay(port, await freePort(), new URL(baseURL ?? "").origin);
  relay.start();
  try {
    await machine.boot("?machine=connected");
    await network.click();
    const panel = page.locator("#side");
    await expect(panel.getByRole("heading", { name: "Network", exact: true })).toBeVisible();
    await expect(panel.locator(".status")).toHaveText("no network");

    await panel.getByLabel("another").check();
    await panel.getByLabel("Address").fill("https://relay.example/");
    await panel.getByRole("button", { name: "Use it" }).click();
    await expect(panel.getByRole("alert")).toContainText("must begin with wisps://");
    await expect(network).toHaveText("no network");
    await panel.getByLabel("Address").fill(`wisp://localhost:${port}/`);
    await panel.getByLabel("Token, if it wants one").fill("a-token");
    await panel.getByRole("button", { name: "Use it" }).click();
    await expect(network).toHaveText("online");
    await expect(panel.getByRole("alert")).toHaveCount(0);

    await panel.getByRole("button", { name: "Start recording" }).click();
    const server =
      "import socket; s = socket.create_server(('', 7000)); print('up'); c, _ = s.accept(); c.sendall(b'sum-%d' % (6*7)); c.recv(9)";
    await page.evaluate(async (program) => {
      const { session } = window.warmboot ?? {};
      const { stdout } = (await session?.spawn(["python3", "-uc", program])) ?? {};
      await stdout?.getReader().read();
      const socket = await session?.network.connect(7000);
      await socket?.readable.getReader().read();
      Object.assign(window, { socket });
    }, server);
    const row = panel.getByRole("row", { name: /port 7000 of the machine/ });
    await expect(row).toContainText("6 bytes");
    expect(await axeFindings(page)).toEqual([]);
    await page.evaluate(() => (window as unknown as { socket: { close(): void } }).socket.close());
    await expect(row).toHaveCount(0);
    const download = page.waitForEvent("download");
    await panel.getByRole("button", { name: /Stop, and give the file/ }).click();
    const file = readFileSync(await (await download).path());
    expect(file.readUInt32LE(0).toString(16)).toMatch(/^a1b2(c3d4|3c4d)$/);
    expect(file.includes("sum-42")).toBe(true);

    await machine.exec("curl -sS -m 20 http://10.11.12.13/; curl -sS -m 20 http://10.11.12.13/");
    await expect(panel.getByRole("listitem")).toContainText(/10\.11\.12\.13, port 80.*2 times/);

    // The choice is kept, the token was not to be.
    await page.reload();
    await machine.prompt();
    await expect(network).toHaveText("online");
    const again = await machine.panel("Network");
    await expect(again.getByLabel("Token, if it wants one")).toHaveValue("");
    await again.getByRole("radio", { name: "none", exact: true }).check();
    await again.getByRole("button", { name: "Use it" }).click();
    await expect(network).toHaveText("no network");
  } finally {
    await relay.end();
  }
});
