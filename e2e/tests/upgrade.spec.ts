import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { MachineDriver } from "../support/machine.ts";
import { type StaticServer, serveStatic } from "../support/static-server.ts";
import { expect, test } from "../support/test.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const IMAGE = path("../../image/.cache/default");
const FIRST = path("../test-results/upgrade-first");
const SECOND = path("../test-results/upgrade-second");
const BARE = path("../test-results/upgrade-bare");
const SECOND_IMAGE = path("../test-results/upgrade-image");
/** What the host serves: a link to one of them. */
const SERVED = path("../test-results/upgrade-served");
const WAIT = { timeout: 180_000 };

const manifest = JSON.parse(readFileSync(join(IMAGE, "image.json"), "utf8")) as { id: string };
const own = `images/default/image-${manifest.id.slice(0, 16)}.json`;

let server: StaticServer;

async function assemble(image: string, out: string, ...more: string[]): Promise<void> {
  const args = ["--site", path("../test-results/site"), "--image", image, "--out", out, ...more];
  await promisify(execFile)(process.execPath, [path("../../web/dist/server/assemble.js"), ...args]);
}

/** In one step, as good hosts do. */
function deploy(folder: string): void {
  rmSync(`${SERVED}.new`, { force: true });
  symlinkSync(folder, `${SERVED}.new`);
  renameSync(`${SERVED}.new`, SERVED);
}

/** Another image, at the address of the first; what the first has is not beside it. */
function makeSecondImage(): void {
  rmSync(SECOND_IMAGE, { recursive: true, force: true });
  execFileSync("cp", ["-a", IMAGE, SECOND_IMAGE]);
  rmSync(join(SECOND_IMAGE, own.replace("images/default/", "")));
  rmSync(join(SECOND_IMAGE, "chunks"), { recursive: true });
  const second = { ...manifest, name: "second", id: [...manifest.id].reverse().join("") };
  writeFileSync(join(SECOND_IMAGE, "image.json"), JSON.stringify(second));
  writeFileSync(join(SECOND_IMAGE, `image-${second.id.slice(0, 16)}.json`), JSON.stringify({ ...second, base: null }));
}

const found = (page: Page) =>
  page.evaluate(() => [window.warmboot?.session?.opened.how, window.warmboot?.session?.info.imageName]);

/** A machine of the first image, with a variable in its shell. */
async function makeMachine(machine: MachineDriver): Promise<void> {
  await machine.page.goto(`${server.origin}/`);
  await machine.prompt();
  expect(await found(machine.page)).toEqual(["new", "default"]);
  await machine.enter("answer=$((6*7))");
  await machine.prompt();
  await machine.page.evaluate(() => window.warmboot?.session?.save());
}

/** It is the machine that was saved, and has all of its disk. */
async function goesOn(machine: MachineDriver, word: string): Promise<void> {
  await machine.prompt();
  expect(await found(machine.page)).toEqual(["warm", "default"]);
  await machine.enter("echo $((answer+1))");
  await machine.line(/^43$/);
  // Of the image, and never read before.
  const { stdout } = await machine.exec(`python3 -c 'import hashlib; print(hashlib.sha3_256(b"${word}").hexdigest())'`);
  expect(stdout).toBe(`${createHash("sha3-256").update(word).digest("hex")}\n`);
}

test.beforeAll(async () => {
  test.setTimeout(240_000);
  makeSecondImage();
  await assemble(IMAGE, FIRST);
  await assemble(SECOND_IMAGE, BARE);
  deploy(FIRST);
  server = await serveStatic({ "/": SERVED });
  // From the site as it is served.
  await assemble(SECOND_IMAGE, SECOND, "--former", server.origin);
});

test.afterAll(() => server?.close());

test("after an upgrade of the site a machine goes on, on its own image, which the new site has from the old one", async ({
  machine,
}) => {
  const { page } = machine;
  deploy(FIRST);
  await makeMachine(machine);
  expect(existsSync(join(SECOND, own))).toBe(true);
  deploy(SECOND);
  for (const word of ["at once", "the next time"]) {
    await page.reload();
    await goesOn(machine, word);
    await page.evaluate(() => window.warmboot?.session?.save());
  }
  await page.goto(`${server.origin}/?machine=another`);
  await machine.prompt();
  expect(await found(page)).toEqual(["new", "second"]);
});

test.describe("with what the browser keeps", () => {
  test.use({ serviceWorkers: "allow" });

  test("after an upgrade to a site that has nothing of the old image a machine goes on, without a network too", async ({
    machine,
    context,
  }) => {
    deploy(FIRST);
    const everything = async (driver: MachineDriver) => {
      const about = (await driver.panel("Settings and help")).getByRole("region", { name: "Without a network" });
      await expect(about).toContainText("Available offline: everything", WAIT);
    };
    await makeMachine(machine);
    await everything(machine);
    deploy(BARE);
    await machine.page.reload();
    await goesOn(machine, "at once");
    // It has fetched the new image by now, and forgotten what nobody needs.
    await everything(machine);
    await expect
      .poll(() =>
        machine.page.evaluate(async () => {
          const kept = await caches.match(new URL("images/default/image.json", location.href));
          return kept ? ((await kept.json()) as { name: string }).name : null;
        }),
      )
      .toBe("second");
    await machine.page.evaluate(() => window.warmboot?.session?.save());
    await machine.page.close();
    server.close();
    const later = new MachineDriver(await context.newPage());
    await later.page.goto(`${server.origin}/`);
    await goesOn(later, "the next time");
  });
});
