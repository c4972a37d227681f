import { expect, test } from "@playwright/test";
import { enter, findFirefox, launchFirefox, waitForPrompt } from "../support/firefox.ts";

const firefox = findFirefox();
test.skip(firefox === null, "there is no Firefox here");

test("Firefox: a machine boots, is typed into, saved, and goes on after a reload", async ({ baseURL }) => {
  const browser = await launchFirefox(firefox ?? "");
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(baseURL ?? "");
    await waitForPrompt(page);
    expect(await page.evaluate(() => window.warmboot?.session?.opened.how)).toBe("new");
    await enter(page, "x=$((40+1)); echo $((6*7)) > answer; cat answer", "42");
    await page.$eval("#save", (button) => (button as HTMLElement).click());
    await page.waitForFunction(() => /^Saved \d/.test(document.querySelector("#save")?.textContent ?? ""));

    await page.reload();
    await waitForPrompt(page);
    expect(await page.evaluate(() => window.warmboot?.session?.opened.how)).toBe("warm");
    // A variable of the shell, a file, and a second terminal.
    await enter(page, `echo "$((x+2)) $(cat answer)"`, "43 42");
    await page.locator("[aria-label='New terminal']").click();
    await waitForPrompt(page);
    await enter(page, "tty; echo $((7*8))", "56");
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});
