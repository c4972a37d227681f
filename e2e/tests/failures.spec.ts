import { axeFindings } from "../support/axe.ts";
import { chunkFiles, imageManifest } from "../support/image.ts";
import { damageRecords } from "../support/records.ts";
import { expect, test } from "../support/test.ts";

/** Reads all of a large file that no boot needs. */
const READ_RARE_FILE = "dd if=$(which git) of=/dev/null bs=128k";

test("a panic shows the reason and the log, and a new machine can be had", async ({ machine }) => {
  await machine.boot();
  await machine.enter("echo c > /proc/sysrq-trigger");
  const text = await machine.failure("kernel-panic");
  expect(text).toContain("The machine's kernel panicked");
  expect(text).toMatch(/the kernel panicked: .*sysrq/i);
  // The last words are what is seen of the log, not its beginning.
  const log = machine.page.getByRole("region", { name: "Kernel log" });
  expect(await log.evaluate((each) => each.scrollHeight - each.scrollTop - each.clientHeight)).toBeLessThan(2);
  await expect(machine.page.locator(".failure .log")).toContainText("Kernel panic - not syncing");
  await machine.page.getByRole("button", { name: "Try again" }).click();
  await machine.prompt();
  await machine.enter("echo $((6*7))");
  await machine.line(/^42$/);
});

test("a kernel that cannot mount its root panics at boot, and the page says why", async ({ machine, context }) => {
  await context.route("**/image.json", async (route) => {
    const response = await route.fetch();
    const manifest = (await response.json()) as { cmdline: string };
    await route.fulfill({
      response,
      json: { ...manifest, cmdline: manifest.cmdline.replace("root=/dev/sda", "root=/dev/nonesuch") },
    });
  });
  await machine.page.goto("./?boot=cold");
  expect(await machine.failure("kernel-panic")).toMatch(/unable to mount root fs/i);
  await expect(machine.page.locator(".failure .log")).toContainText("Kernel panic");
});

for (const fault of ["missing", "damaged"] as const) {
  test(`a ${fault} chunk is named, the guest gets an I/O error, the machine goes on`, async ({ machine, context }) => {
    await machine.boot();
    // What reads the file must itself be in memory.
    expect((await machine.exec("dd if=/dev/null of=/dev/null; cat /dev/null; which sh")).exitCode).toBe(0);
    const broken = new Set<string>();
    await context.route("**/chunks/*.bin", async (route) => {
      broken.add(route.request().url().split("/").at(-1) ?? "");
      if (fault === "missing") await route.fulfill({ status: 404, body: "gone" });
      else await route.fulfill({ status: 200, body: Buffer.from("this is not the chunk") });
    });
    const result = await machine.exec(READ_RARE_FILE);
    expect(result.stderr).toContain("Input/output error");
    expect(broken.size).toBeGreaterThan(0);
    const toast = machine.page.locator(".toast").first();
    await expect(toast).toContainText("I/O error");
    const text = (await toast.textContent()) ?? "";
    expect([...broken].some((file) => text.includes(file))).toBe(true);
    expect(text).toContain(fault === "missing" ? "404" : "damaged");
    expect(chunkFiles().some((file) => text.includes(file))).toBe(true);

    await machine.enter("echo $((6*7))");
    await machine.line(/^42$/);
    await toast.getByRole("button", { name: "Close notice" }).click();
    await context.unroute("**/chunks/*.bin");
    expect((await machine.exec("echo alive")).stdout).toBe("alive\n");
  });
}

test("a missing kernel: the file and the status are named, and Try again works", async ({ machine, context }) => {
  const { kernel } = imageManifest();
  await context.route(`**/${kernel.file}`, (route) => route.fulfill({ status: 404, body: "gone" }));
  await machine.page.goto("./?boot=cold");
  const text = await machine.failure("artefact-missing");
  expect(text).toContain(kernel.file);
  expect(text).toContain("404");
  await context.unroute(`**/${kernel.file}`);
  await machine.page.getByRole("button", { name: "Try again" }).click();
  await machine.prompt();
});

test("a damaged kernel: the file and its hash are named", async ({ machine, context }) => {
  const { kernel } = imageManifest();
  await context.route(`**/${kernel.file}`, async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body.writeUInt8(body.readUInt8(1_000_000) ^ 1, 1_000_000);
    await route.fulfill({ response, body });
  });
  await machine.page.goto("./?boot=cold");
  const text = await machine.failure("artefact-damaged");
  expect(text).toContain(kernel.file);
  expect(text).toContain(kernel.sha256);
});

test("a manifest that is no manifest is said to be damaged", async ({ machine, context }) => {
  await context.route("**/image.json", (route) => route.fulfill({ json: { format: 1 } }));
  await machine.page.goto("./");
  expect(await machine.failure("artefact-damaged")).toContain("image.json");
});

test("an emulator that cannot be loaded is named", async ({ machine, context }) => {
  await context.route("**/*.wasm", (route) => route.fulfill({ status: 503, body: "busy" }));
  await machine.page.goto("./");
  const text = await machine.failure("artefact-missing");
  expect(text).toContain(".wasm");
  expect(text).toContain("503");
});

test("a policy that forbids WebAssembly is explained", async ({ page, context }) => {
  // The plain page: this test wants the policy violation that `machine` does not allow.
  await context.route("**/*", async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), "content-security-policy": "default-src 'self' 'unsafe-inline'" };
    await route.fulfill({ response, headers });
  });
  await page.goto("./");
  const failure = page.locator('.failure[data-code="wasm-unavailable"]');
  await expect(failure).toContainText("This browser cannot run the machine");
  await expect(failure).toContainText("wasm-unsafe-eval");
});

test("a browser without WebAssembly is told so", async ({ machine, context }) => {
  await context.route("**/assets/browser-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `delete globalThis.WebAssembly;\n${await response.text()}` });
  });
  await machine.page.goto("./");
  expect(await machine.failure("wasm-unavailable")).toContain("WebAssembly is not available");
});

test("a worker that hangs: the page says so, ends it, and a new machine can be had", async ({ machine }) => {
  await machine.boot();
  const [worker] = machine.workers();
  // WHY in a timer: the call must come back; a debugger's call into a thread that ends meanwhile may keep it listed for ever.
  await worker?.evaluate(() => {
    setTimeout(() => {
      for (;;);
    });
  });
  const text = await machine.failure("emulator-hung");
  expect(text).toContain("did not answer");
  await machine.page.getByRole("button", { name: "Look at the terminals" }).click();
  expect((await machine.lines()).join("\n")).toContain("#");
  await machine.startOver();
  await machine.prompt();
  await expect.poll(() => machine.workers().length).toBe(1);
});

test("a worker that throws: the page says what", async ({ machine }) => {
  await machine.boot();
  const [worker] = machine.workers();
  await worker?.evaluate(() => void setTimeout(() => Promise.reject(new Error("made to fail"))));
  expect(await machine.failure("emulator-crashed")).toContain("made to fail");
});

test("a machine whose disk is damaged in every state: the page says what is damaged, and offers what can help", async ({
  machine,
}) => {
  const { page } = machine;
  await machine.boot();
  await machine.exec("echo $((6*7)) > /root/answer");
  await page.evaluate(() => window.warmboot?.session?.save());
  await page.goto("./?engine=quantum");
  const damaged = await damageRecords(page, /^disk-/);
  expect(damaged.length).toBeGreaterThan(0);
  await page.goto("./");
  const text = await machine.failure("machine-damaged");
  expect(text).toContain("The saved machine is damaged");
  expect(text).toContain(`${damaged[0]} is not what was saved`);
  expect(text).toContain("Nothing was changed.");
  await expect(page.locator(".failure").getByRole("button")).toHaveText(["Try again", "Copy details"]);
  expect(await axeFindings(page)).toEqual([]);
  // Another one begins beside it.
  await machine.boot("?machine=another");
  expect((await machine.exec("echo $((6*7))")).stdout).toBe("42\n");
});
