/** Makes the pictures in docs/images: `npm run screenshots`. */
import { mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import type { MachineDriver } from "../support/machine.ts";
import { expect, test } from "../support/test.ts";

const folder = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const MOST_BYTES = 200 * 1024;

test.skip(!process.env["WARMBOOT_SCREENSHOT"], "only when asked for: it writes into docs/");

test.use({ colorScheme: "dark", viewport: { width: 1040, height: 520 } });

async function take(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}${name}.png`;
  await page.screenshot({ path, animations: "disabled" });
  expect(statSync(path).size, name).toBeLessThan(MOST_BYTES);
}

/** A command, and a line that it alone prints. */
const SHOWN: readonly (readonly [string, RegExp])[] = [
  ["uname -srmo", /^Linux 6\.\d+/],
  ["grep PRETTY /etc/os-release", /^PRETTY_NAME="Debian/],
  ["python3 -c 'import platform, ssl; print(platform.python_version(), ssl.OPENSSL_VERSION)'", /^3\.\d+.* OpenSSL/],
  [
    "git init -q demo && cd demo && echo hello > a.txt && git add . && git -c user.name=me -c user.email=me@example.test commit -m first",
    /1 insertion/,
  ],
  ["free -m", /^Swap:/],
  ["df -h /", /\/dev\/root|\/dev\/sda/],
];

async function show(machine: MachineDriver, commands: typeof SHOWN): Promise<void> {
  for (const [command, printed] of commands) {
    await machine.enter(command);
    await machine.line(printed);
    await machine.prompt();
  }
}

test("the picture in the README", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await page.getByRole("button", { name: "New terminal" }).click();
  await machine.prompt();
  await page.getByRole("tab", { name: "Terminal 1" }).click();
  await show(machine, SHOWN);
  await page.mouse.move(500, 400);
  await take(page, "page");
});

test("the panels", async ({ machine }) => {
  const { page } = machine;
  await page.setViewportSize({ width: 1040, height: 640 });
  await machine.boot("?machine=lab");
  await page.evaluate(() => window.warmboot?.session?.save());
  await machine.boot();
  await machine.exec(
    "cd /root; git init -q demo; mkdir src notes; seq 9000 > numbers.txt; echo 'print(6*7)' > src/answer.py",
  );
  await show(machine, [["python3 src/answer.py", /^42$/]]);
  await page.evaluate(() => window.warmboot?.session?.save());
  await machine.panel("Machines");
  await expect(page.locator("#side").getByRole("listitem").filter({ hasText: "lab" })).toBeVisible();
  await take(page, "machines");
  await machine.panel("Files");
  await expect(page.getByRole("grid", { name: "Files" })).toContainText("numbers.txt");
  await take(page, "files");
  await machine.panel("Network");
  await take(page, "network");
  await machine.panel("Settings and help");
  await take(page, "settings");
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, colorScheme: "light" });

  test("terminal and panel", async ({ machine }) => {
    const { page } = machine;
    await machine.boot();
    await show(machine, [["uname -m", /^i686$/]]);
    await take(page, "phone");
    await machine.panel("Machines");
    await take(page, "phone-machines");
  });
});

test("a start, and a failure", async ({ machine }) => {
  const { page } = machine;
  await page.goto("./?boot=cold&keep=no");
  await expect(page.getByRole("region", { name: "Kernel log" })).toContainText("Memory:");
  await take(page, "start");
  await machine.prompt();
  await machine.enter("echo c > /proc/sysrq-trigger");
  await machine.failure("kernel-panic");
  await take(page, "failure");
});

/** A page for a server in the machine. */
const INDEX = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Notes</title>
<style>body { margin: 2em; font: 16px system-ui; background: #fdf6e3; color: #433 } li { margin: 0.4em 0 }</style>
<h1>Notes</h1><p>Served by Python, from a machine in this tab.</p>
<ul><li><a href="src/">src</a></li><li><a href="numbers.txt">numbers.txt</a></li></ul></html>`;

test.describe("a server in the machine", () => {
  // As in ports.spec.ts: private windows allow no worker of another domain.
  test.use({ baseURL: `http://warmboot.localhost:${process.env["WARMBOOT_TEST_PORT"]}/`, serviceWorkers: "allow" });

  test("in a pane", async ({ machine }) => {
    const { page } = machine;
    await page.setViewportSize({ width: 1040, height: 640 });
    await machine.boot();
    await page.evaluate((text) => window.warmboot?.session?.files.write("/root/index.html", text), INDEX);
    await machine.enter("python3 -m http.server");
    const panel = await machine.panel("Ports");
    const card = panel.getByRole("region", { name: "Port 8000" });
    await card.getByRole("button", { name: "Open here" }).click();
    await expect(page.frameLocator("iframe.port-frame").getByRole("heading", { name: "Notes" })).toBeVisible();
    await machine.line(/"GET \/ HTTP\/1.1" 200/);
    await page.mouse.move(300, 500);
    await take(page, "ports");
  });
});

test("embedded", async ({ page }) => {
  await page.setViewportSize({ width: 700, height: 400 });
  await page.goto("./embed.html?cmd=uname%20-srm");
  await expect(page.locator("warmboot-terminal .xterm-rows")).toContainText(/Linux 6\.\d+\S* i686.*#/);
  await take(page, "embed");
});
