import { readFileSync } from "node:fs";
import { KernelSession, memoryStore, savedMachines } from "warmboot";
import { imageFile } from "../support/image.ts";
import type { MachineDriver } from "../support/machine.ts";
import { damageRecords } from "../support/records.ts";
import { expect, test } from "../support/test.ts";

/** Has the machine saved by the button in the bar, and waits until it says so. */
async function save({ page }: MachineDriver): Promise<number> {
  const result = page.evaluate(
    () =>
      new Promise<number>((resolve) => window.warmboot?.session?.on("saved", ({ generation }) => resolve(generation))),
  );
  await page.locator("#save").click();
  const generation = await result;
  await expect(page.locator("#save")).toHaveText(/Saved \d+ s ago · [\d.]+ [kM]B/);
  return generation;
}

/** How the machine came up that the page shows now. */
const opened = ({ page }: MachineDriver) => page.evaluate(() => window.warmboot?.session?.opened.how);

/** A row of the shown terminal's screen, wherever the cursor is. */
const row = ({ page }: MachineDriver, y: number) =>
  page.evaluate((at) => {
    const buffer = window.warmboot?.activeTerminal?.term.buffer.active;
    return (buffer?.getLine(buffer.baseY + at)?.translateToString(true) ?? "").trimEnd();
  }, y);

async function newTerminal({ page }: MachineDriver, line: string): Promise<void> {
  await page.getByRole("button", { name: "New terminal" }).click();
  const machine = { page };
  await page.waitForFunction(() => window.warmboot?.activeTerminal?.process);
  await page.keyboard.type(line);
  await machine.page.keyboard.press("Enter");
}

test("vim, a Python session, tail -f and a job in the background survive a reload of the page", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  // The job: counts in a file, on no terminal's time.
  await machine.enter("touch /root/log; (i=0; while sleep 0.2; do i=$((i+1)); echo $i > /root/count; done) &");
  await machine.enter("tail -f /root/log");
  await newTerminal(machine, "python3 -q");
  await machine.line(/^>>> $/);
  await machine.enter("answer = 6 * 7");
  await newTerminal(machine, "vim -N /root/poem.txt");
  await expect.poll(() => row(machine, 3)).toBe("~");
  await page.keyboard.type("iroses are red");
  await page.keyboard.press("Escape");
  await expect.poll(() => row(machine, 0)).toBe("roses are red");
  const bootId = (await machine.exec("cat /proc/sys/kernel/random/boot_id")).stdout;
  await save(machine);

  await page.reload();
  await page.waitForFunction(() => window.warmboot?.terminals.filter(({ process }) => process).length === 3);
  expect(await opened(machine)).toBe("warm");
  expect((await machine.exec("cat /proc/sys/kernel/random/boot_id")).stdout).toBe(bootId);
  await expect(page.getByRole("tab")).toHaveCount(3);

  // The job goes on.
  const count = async () => Number((await machine.exec("cat /root/count")).stdout);
  const before = await count();
  await expect.poll(count).toBeGreaterThan(before);
  // tail -f, on the terminal that is shown.
  await machine.exec("echo line-$((17*3)) >> /root/log");
  await machine.line(/^line-51$/);
  // Python has its variable.
  await page.getByRole("tab", { name: "Terminal 2" }).click();
  await machine.enter("print(answer + 1)");
  await machine.line(/^43$/);
  // vim has drawn its screen, and what was typed and not written.
  await page.getByRole("tab", { name: "Terminal 3" }).click();
  await expect.poll(() => row(machine, 0)).toBe("roses are red");
  expect((await machine.exec("cat /root/poem.txt")).exitCode).toBe(1);
  await machine.enter(":wq");
  await machine.prompt();
  expect((await machine.exec("cat /root/poem.txt")).stdout).toBe("roses are red\n");
});

test("what was on the screen and had scrolled by is there after a reload, and not when the machine starts anew", async ({
  machine,
}) => {
  const { page } = machine;
  /** Lines of the shown terminal, with what has scrolled by. */
  const lines = () =>
    page.evaluate(() => {
      const buffer = window.warmboot?.activeTerminal?.term.buffer.active;
      const text = Array.from(
        { length: buffer?.length ?? 0 },
        (_, y) => buffer?.getLine(y)?.translateToString(true) ?? "",
      );
      return text.join("\n").trimEnd().split("\n");
    });
  await machine.boot();
  await machine.enter("for i in $(seq 300); do echo line-$((i*7)); done");
  await machine.line(/^line-2100$/);
  await machine.enter("answer=$((6*7))");
  await machine.prompt();
  await newTerminal(machine, "echo second-$((2*3))");
  await machine.line(/^second-6$/);
  await save(machine);
  // The terminals are written down just after the save.
  await expect
    .poll(() =>
      page.evaluate(async () => (await indexedDB.databases()).some(({ name }) => name === "warmboot-screens")),
    )
    .toBe(true);

  await page.reload();
  await page.waitForFunction(() => window.warmboot?.terminals.filter(({ process }) => process).length === 2);
  const before = await lines();
  expect(before.filter((line) => /^line-/.test(line))).toEqual(
    Array.from({ length: 300 }, (_, i) => `line-${7 * (i + 1)}`),
  );
  await machine.enter("echo $((answer+1))");
  await machine.line(/^43$/);
  await page.getByRole("tab").nth(1).click();
  expect((await lines()).filter((line) => line === "second-6")).toHaveLength(1);

  await page.goto("./?memory=192");
  await machine.prompt();
  expect(await opened(machine)).toBe("cold");
  const notice = page.locator(".toast").filter({ hasText: "The machine was started anew, with its files." });
  await expect(notice).toContainText("it was saved with 256 MiB of memory, and 192 MiB are asked for");
  expect((await lines()).join("\n")).not.toContain("line-");
});

test("the page saves by itself when it is left", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  // A machine that does not rest is saved by itself once a minute only, or when the page is left.
  await machine.enter("(while :; do :; done) & echo busy-$((1+1))");
  await machine.line(/^busy-2$/);
  await page.evaluate(() => window.warmboot?.session?.save());
  expect((await machine.exec("echo $((19*3)) > /root/kept")).exitCode).toBe(0);
  const before = await page.evaluate(() => window.warmboot?.session?.savedAt?.getTime());
  // As when another tab is looked at: those of a test are always seen.
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect
    .poll(() => page.evaluate(() => window.warmboot?.session?.savedAt?.getTime()), { timeout: 45_000 })
    .toBeGreaterThan(before ?? Number.POSITIVE_INFINITY);
  await page.goto("./?engine=quantum");
  await page.goto("./");
  await machine.prompt();
  expect(await opened(machine)).toBe("warm");
  await machine.enter("cat /root/kept");
  await machine.line(/^57$/);
});

test("when the last state is damaged the machine goes on from the one before, and the page says so", async ({
  machine,
}) => {
  const { page } = machine;
  await machine.boot();
  await machine.enter("answer=$((6*7))");
  await machine.prompt();
  await save(machine);
  await machine.enter("answer=0");
  await machine.prompt();
  const last = await save(machine);
  await page.goto("./?engine=quantum");
  expect(await damageRecords(page, new RegExp(`^devices-${last}$`))).toHaveLength(1);
  await page.goto("./");
  await machine.prompt();
  expect(await opened(machine)).toBe("previous");
  const notice = page.locator(".toast").filter({ hasText: "The machine goes on from an earlier state, of " });
  await expect(notice).toContainText(`The last one cannot be used: devices-${last} is not what was saved.`);
  await machine.enter("echo $((answer+1))");
  await machine.line(/^43$/);
});

test("when the browser's storage is emptied the machine runs on, all of it is saved again, and the page says so", async ({
  machine,
  context,
}) => {
  const { page } = machine;
  await machine.boot();
  await machine.enter("answer=$((6*7)); echo $((19*3)) > /root/kept");
  await machine.prompt();
  await save(machine);
  const cdp = await context.newCDPSession(page);
  await cdp.send("Storage.clearDataForOrigin", { origin: new URL(page.url()).origin, storageTypes: "all" });
  await save(machine);
  const notice = page.locator(".toast").filter({ hasText: "What was saved of the machine had been deleted." });
  await expect(notice).toContainText("All of the machine was saved again");
  await expect(page.locator("#status")).toHaveText("running");
  await page.reload();
  await machine.prompt();
  expect(await opened(machine)).toBe("warm");
  await machine.enter("echo $((answer+1)) $(cat /root/kept)");
  await machine.line(/^43 57$/);
});

test("machines are kept by name, and ?keep=no keeps none", async ({ machine }) => {
  const { page } = machine;
  await machine.boot("?machine=lab");
  await expect(page).toHaveTitle("lab – Warmboot");
  await machine.exec("echo lab > /root/which");
  await save(machine);
  await machine.boot();
  expect((await machine.exec("cat /root/which")).exitCode).toBe(1);
  await machine.boot("?machine=lab&keep=no");
  expect((await machine.exec("cat /root/which")).exitCode).toBe(1);
  await expect(page.getByText("Not kept: gone when this tab closes")).toBeVisible();
  await expect(page.locator("#save")).toBeHidden();
  await machine.boot("?machine=lab");
  expect((await machine.exec("cat /root/which")).stdout).toBe("lab\n");
  const kept = (await machine.panel("Machines")).getByRole("listitem").filter({ hasText: "lab" });
  await expect(kept).toContainText(/[\d.]+ [kM]B/);
});

test("a second tab says who has the machine, takes it over, and the first is told", async ({ machine, context }) => {
  await machine.boot();
  await machine.exec("echo one > /root/which");
  await save(machine);
  const second = new (machine.constructor as typeof MachineDriver)(await context.newPage());
  await second.page.goto("./");
  const text = await second.failure("machine-in-use");
  expect(text).toContain("The machine is open elsewhere");
  expect(text).toMatch(/a tab of http:\/\/localhost/);
  // The first one goes on.
  expect((await machine.exec("echo $((6*7))")).stdout).toBe("42\n");

  await second.page.getByRole("button", { name: "Use it here" }).click();
  await second.prompt();
  expect((await second.exec("cat /root/which")).stdout).toBe("one\n");
  await machine.page.bringToFront();
  expect(await machine.failure("machine-taken-over")).toContain("goes on elsewhere");
  expect(machine.workers()).toHaveLength(0);
  await second.page.close();
  await machine.page.getByRole("button", { name: "Use it here" }).click();
  await machine.prompt();
});

test("Start over asks, and deletes what was saved", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await machine.exec("echo one > /root/which");
  await save(machine);
  await machine.panel("Machines");
  await page.getByRole("button", { name: "Start over" }).click();
  await expect(page.getByRole("heading", { name: 'Delete the machine "default"?' })).toBeVisible();
  await page.locator("dialog").getByRole("button", { name: "Start over" }).click();
  await page.locator(".boot").waitFor();
  await machine.prompt();
  expect(await opened(machine)).toBe("new");
  await machine.boot();
  expect((await machine.exec("cat /root/which")).exitCode).toBe(1);
});

test("a machine whose image the site no longer has: says so, gives it as a file, and is unharmed", async ({
  machine,
  context,
}) => {
  const { page } = machine;
  await machine.boot();
  await machine.enter("echo $((6*7)) > /root/answer");
  await machine.prompt();
  await save(machine);
  await context.route("**/image.json", async (route) => {
    const response = await route.fetch();
    const manifest = (await response.json()) as { id: string };
    await route.fulfill({ response, json: { ...manifest, id: "0".repeat(manifest.id.length) } });
  });
  await context.route("**/image-*.json", (route) => route.fulfill({ status: 404, body: "gone" }));
  await page.reload();
  expect(await machine.failure("image-mismatch")).toContain("The machine's image is not to be had");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export the machine" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("default.warmboot");
  const file = new Blob([readFileSync(await download.path())]);
  const store = memoryStore();
  await savedMachines(store).import(file.stream(), { name: "elsewhere" });
  const elsewhere = await KernelSession.boot({ image: imageFile(), machine: "elsewhere", store });
  expect(elsewhere.opened.how).toBe("warm");
  expect((await elsewhere.exec("cat /root/answer")).stdout).toBe("42\n");
  await elsewhere.close();

  await context.unroute("**/image-*.json");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForFunction(() => window.warmboot?.session?.state === "running");
  expect(await opened(machine)).toBe("warm");
  expect((await machine.exec("cat /root/answer")).stdout).toBe("42\n");
});

test("without storage the page says so, and goes on without keeping the machine", async ({ machine }) => {
  const { page } = machine;
  await page.addInitScript(() => {
    indexedDB.open = () => {
      throw new DOMException("made to fail", "SecurityError");
    };
  });
  await page.goto("./");
  expect(await machine.failure("store-failed")).toContain("cannot keep the machine");
  await page.getByRole("button", { name: "Go on without keeping it" }).click();
  await machine.prompt();
  await machine.enter("echo $((6*7))");
  await machine.line(/^42$/);
});
