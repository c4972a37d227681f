import { imageManifest } from "../support/image.ts";
import { serveRawDisk } from "../support/raw-disk.ts";
import { expect, test } from "../support/test.ts";

const kernel = () => `images/default/${imageManifest().kernel.file}`;

test("a kernel and a disk of one's own: the serial console is the terminal", async ({ machine, context }) => {
  await serveRawDisk(context, "**/my/disk");
  const query = new URLSearchParams({
    bzImage: kernel(),
    disk: "my/disk",
    cmdline: "root=/dev/sda rw console=ttyS0 init=/bin/sh",
  });
  await machine.page.goto(`./?${query}`);
  await machine.prompt();
  await machine.enter("echo $((6*7))x");
  await machine.line(/^42x$/);
  // There is one console, and nothing that a second terminal could be.
  await expect(machine.page.getByRole("button", { name: "New terminal" })).toBeHidden();
  const refused = machine.page.evaluate(() => window.warmboot?.session?.exec("true"));
  await expect(refused).rejects.toThrow(/no Warmboot agent/);
});

test("with our agent in it, it has shells as any machine", async ({ machine, context }) => {
  await serveRawDisk(context, "**/my/disk");
  const query = new URLSearchParams({ bzImage: kernel(), disk: "my/disk", agent: "1" });
  await machine.boot(`?${query}`);
  await machine.enter("echo $((123*456))");
  await machine.line(/^56088$/);
});

test("what is no kernel is refused with the reason", async ({ machine, context }) => {
  await context.route("**/my/kernel", (route) => route.fulfill({ body: Buffer.alloc(4096) }));
  await machine.page.goto("./?bzImage=my/kernel");
  expect(await machine.failure("invalid-option")).toContain("is not a Linux bzImage");
  await machine.page.goto("./?bzImage=https://else.example/kernel");
  await expect(machine.page.getByText("is not an address on this site")).toBeVisible();
});
