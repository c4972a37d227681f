import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-port.ts";
import { imageFile } from "../support/image.ts";
import { expect, test } from "../support/test.ts";

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const SERVER = path("../../web/dist/server/main.js");
const SITE = path("../test-results/site");
const SECOND = path("../test-results/second");
const MIB = 2 ** 20;

/** The default image as another one, with a smaller memory. */
function makeSecond(): void {
  rmSync(SECOND, { recursive: true, force: true });
  mkdirSync(SECOND, { recursive: true });
  const manifest = JSON.parse(readFileSync(imageFile(), "utf8"));
  const second = { ...manifest, id: "5".repeat(64), name: "second", memoryMb: 160, base: null };
  writeFileSync(join(SECOND, "image.json"), JSON.stringify(second));
  for (const file of Object.values(manifest as Record<string, { file?: string }>).map((each) => each?.file))
    if (file) symlinkSync(join(dirname(imageFile()), file), join(SECOND, file));
  const { disk } = manifest;
  for (const { file } of [disk.table, disk.workingSet])
    symlinkSync(join(dirname(imageFile()), file), join(SECOND, file));
  symlinkSync(join(dirname(imageFile()), "chunks"), join(SECOND, "chunks"));
}

async function serve(port: number): Promise<ChildProcess> {
  const args = [SERVER, "--site", SITE, "--also", SECOND, "--port", String(port)];
  const server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => server.stdout?.once("data", resolve));
  return server;
}

test("a new machine is made of the image that was chosen, and goes on from it; a site without a list offers one", async ({
  machine,
  context,
}) => {
  const { page } = machine;
  makeSecond();
  const port = await freePort();
  const server = await serve(port);
  const dialog = page.locator("dialog");
  const images = async () => {
    const panel = await machine.panel("Machines");
    await panel.getByRole("button", { name: "New machine" }).click();
    await dialog.getByLabel("Image").waitFor();
    return dialog.getByLabel("Image").locator("option").allInnerTexts();
  };
  try {
    await context.route("**/images/index.json", (route) => route.fulfill({ status: 404, body: "nothing" }));
    await page.goto(`http://localhost:${port}/`);
    await machine.prompt();
    expect(await images()).toEqual([expect.stringMatching(/^default: 256 MiB/)]);
    await context.unroute("**/images/index.json");
    await page.reload();
    await machine.prompt();
    expect(await images()).toEqual([
      expect.stringMatching(/^default: 256 MiB/),
      expect.stringMatching(/^second: 160 MiB/),
    ]);
    await dialog.getByLabel("Name").fill("another");
    await dialog.getByLabel("Image").selectOption({ index: 1 });
    await expect(dialog.getByLabel("Memory")).toHaveValue("160");
    await dialog.getByRole("button", { name: "Create" }).click();
    await expect(page).toHaveTitle("another – Warmboot");
    await machine.prompt();
    const memory = async () =>
      (Number((await machine.exec("awk '/^MemTotal/ {print $2}' /proc/meminfo")).stdout) * 1024) / MIB;
    expect(await memory()).toBeGreaterThan(120);
    expect(await memory()).toBeLessThan(160);
    await machine.exec("echo $((6*7)) > /run/kept");
    const panel = await machine.panel("Machines");
    await expect(panel.locator("#facts")).toContainText("second, 160 MiB");
    await panel.getByRole("button", { name: "Save now" }).click();
    await expect(panel.getByRole("listitem").filter({ hasText: "another" })).toContainText("image second, 160 MiB");
    // By its name alone, as its link in the list has it.
    await page.goto(`http://localhost:${port}/?machine=another`);
    await machine.prompt();
    expect((await machine.exec("cat /run/kept")).stdout).toBe("42\n");
  } finally {
    server.kill();
  }
});
