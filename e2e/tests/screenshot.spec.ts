/** Makes docs/images/page.png: `npm run screenshot -w @warmboot/e2e`. */
import { mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "../support/test.ts";

const path = fileURLToPath(new URL("../../docs/images/page.png", import.meta.url));

test.skip(!process.env["WARMBOOT_SCREENSHOT"], "only when asked for: it writes into docs/");

test.use({ colorScheme: "dark", viewport: { width: 1040, height: 520 } });

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

test("the picture in the README", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await page.getByRole("button", { name: "New terminal" }).click();
  await machine.prompt();
  await page.getByRole("tab", { name: "Terminal 1" }).click();
  for (const [command, printed] of SHOWN) {
    await machine.enter(command);
    await machine.line(printed);
    await machine.prompt();
  }
  mkdirSync(fileURLToPath(new URL("../../docs/images", import.meta.url)), { recursive: true });
  await page.mouse.move(500, 400);
  await page.screenshot({ path });
  expect(statSync(path).size).toBeLessThan(200 * 1024);
});
