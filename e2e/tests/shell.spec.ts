import { expect, test } from "../support/test.ts";

test("a bash shell as root appears without a step by hand, and computes", async ({ machine }) => {
  await machine.boot();
  await machine.enter("echo $((6*7))");
  await machine.line(/^42$/);
  await machine.enter("uname -r | cut -d. -f1-2");
  await machine.line(/^6\.12$/);
  await machine.enter('echo "$0|$(id -un)|$(id -u)|$(tty | cut -c1-9)"');
  await machine.line(/^-(?:\/bin\/)?bash\|root\|0\|\/dev\/pts\/$/);
  await expect(machine.page.locator("#status")).toHaveText("running");
});

test("?engine=kernel opens the same machine", async ({ machine }) => {
  await machine.boot("?engine=kernel");
  await machine.enter("echo $((6*7))");
  await machine.line(/^42$/);
  const named = await machine.page.evaluate(() => window.warmboot?.session?.info.imageId);
  await machine.boot();
  const plain = await machine.page.evaluate(() => window.warmboot?.session?.info.imageId);
  expect(named).toMatch(/^[0-9a-f]{64}$/);
  expect(plain).toBe(named);
});

test("what is typed while the machine boots reaches the shell", async ({ machine }) => {
  await machine.page.goto("./");
  await machine.page.locator(".boot").waitFor();
  await machine.enter("echo $((17*3))");
  expect(await machine.page.evaluate(() => window.warmboot?.session)).toBeNull();
  await machine.line(/^51$/, 150_000);
});

test("?memory gives the machine that much", async ({ machine }) => {
  await machine.boot("?memory=128");
  const { stdout } = await machine.exec("awk '/MemTotal/ { print $2 }' /proc/meminfo");
  expect(Number(stdout)).toBeGreaterThan(90_000);
  expect(Number(stdout)).toBeLessThan(128 * 1024);
});

test("sleep 2 takes two seconds, in the guest and outside", async ({ machine }) => {
  await machine.boot();
  const before = performance.now();
  await machine.enter("a=$(date +%s%N); sleep 2; b=$(date +%s%N); echo slept:$(( (b-a)/1000000 ))");
  const [, slept] = await machine.line(/^slept:(\d+)$/);
  expect(Number(slept)).toBeGreaterThanOrEqual(2000);
  expect(performance.now() - before).toBeGreaterThanOrEqual(1900);
});

test("Ctrl-C ends busy loops and waits", async ({ machine }) => {
  await machine.boot();
  const victims = ["while :; do :; done", 'python3 -c "while True: pass"', "read x"];
  for (const [i, victim] of victims.entries()) {
    // The title says that the victim runs: bash sets it before, and nothing else does.
    await machine.enter(`printf 'started-%d\\n' $((${i}+100)); ${victim}`);
    await machine.line(new RegExp(`^started-${i + 100}$`));
    if (victim.startsWith("python3"))
      await expect.poll(async () => (await machine.exec("pgrep -x python3")).exitCode).toBe(0);
    await machine.page.keyboard.press("Control+c");
    await machine.enter(`echo after-$((${i}+200))`);
    await machine.line(new RegExp(`^after-${i + 200}$`));
  }
});

test("exit offers a new shell; the tab can be closed and a new one opened", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await machine.enter("exit 7");
  await expect(page.locator(".ended")).toContainText("The shell ended with exit code 7.");
  await page.getByRole("button", { name: "New shell" }).click();
  await machine.prompt();
  await machine.enter("echo $((6*7))");
  await machine.line(/^42$/);
  await page.locator(".tab .close").click();
  await expect(page.getByText("No terminal is open")).toBeVisible();
  await page.locator("#overlay").getByRole("button", { name: "New terminal" }).click();
  await machine.prompt();
  await machine.enter("echo $((7*7))");
  await machine.line(/^49$/);
});
