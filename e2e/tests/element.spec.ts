/** `<warmboot-terminal>` as an author has it: the built package in a plain page, without a bundler, under a strict policy. */
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "@playwright/test";
import { axeFindings } from "../support/axe.ts";
import { type StaticServer, serveStatic } from "../support/static-server.ts";
import { expect, test } from "../support/test.ts";

const path = (relative: string) => fileURLToPath(new URL(`../../${relative}`, import.meta.url));
const MOUNTS = {
  "/": path("docs/examples"),
  "/plain/": path("e2e/support/pages"),
  "/warmboot/": path("runtime-sdk/dist/embed"),
  "/image/": path("image/.cache/default"),
};
/** Nothing inline, neither scripts nor styles. */
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; worker-src 'self'";

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveStatic(MOUNTS, { "Content-Security-Policy": POLICY });
});
test.afterAll(() => server.close());

/** What the browser says was against the policy; empty in the end. */
function violations(page: Page): string[] {
  const found: string[] = [];
  page.on("console", (message) => {
    if (/Content Security Policy|Uncaught/i.test(message.text())) found.push(message.text());
  });
  page.on("pageerror", (error) => found.push(error.message));
  return found;
}

const rows = (terminal: Locator) => terminal.locator(".xterm-rows");
const machines = (page: Page) => page.workers().filter((worker) => worker.url().endsWith("/worker.js"));

async function enter(terminal: Locator, line: string): Promise<void> {
  await terminal.locator(".xterm-helper-textarea").focus();
  await terminal.page().keyboard.type(line);
  await terminal.page().keyboard.press("Enter");
}

/** A page with nothing but what the test puts there. */
async function plainPage(page: Page): Promise<void> {
  await page.goto(`${server.origin}/plain/plain.html`);
}

test("the example: one types its command, another waits for its button; both run, and look as they should", async ({
  page,
}) => {
  const wrong = violations(page);
  await page.goto(`${server.origin}/element.html`);
  const [first, second] = [page.locator("warmboot-terminal").first(), page.locator("warmboot-terminal").last()];
  await expect(rows(first)).toContainText("5050", { timeout: 180_000 });
  // One machine so far. A colour of the guest's is a style of the page's, which its policy allows no other way.
  expect(machines(page).length).toBe(1);
  await enter(first, "clear; printf '\\033[38;2;1;100;3m%s\\033[0m\\n' $((50*101))");
  const coloured = rows(first).locator("span", { hasText: "5050" }).last();
  await expect(coloured).toHaveCSS("color", "rgb(1, 100, 3)");
  await expect(second.getByRole("button", { name: "Start" })).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);

  await second.getByRole("button", { name: "Start" }).click();
  await expect(rows(second)).toContainText("root@warmboot", { timeout: 180_000 });
  expect(machines(page).length).toBe(2);
  await page.keyboard.type("echo $((6*7))=$(stty size)\n");
  await expect(rows(second)).toContainText(/42=\d+ \d+/);
  await expect(second.locator(".frame")).toHaveCSS("background-color", "rgb(255, 255, 255)");
  const size = async () =>
    /=(\d+) (\d+)\D/
      .exec((await rows(second).textContent()) ?? "")
      ?.slice(1)
      .map(Number) ?? [];
  const [height = 0, width = 0] = await size();
  await page.setViewportSize({ width: 560, height: 700 });
  await page.keyboard.type(
    `clear; until [ "$(stty size)" != "${height} ${width}" ]; do sleep 0.1; done; echo now=$(stty size)\n`,
  );
  await expect(rows(second)).toContainText(/now=\d+ \d+/);
  expect((await size())[1]).toBeLessThan(width);
  expect(await axeFindings(page)).toEqual([]);

  // The keyboard's way out: forward is out of the element, backward is in again.
  await page.keyboard.press("Control+Shift+M");
  await expect(second.getByText("Out of the terminal: Tab goes on.")).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.type("echo back$((1+1))\n");
  await expect(rows(second)).toContainText("back2");
  expect(wrong).toEqual([]);
});

test("moved it goes on, taken away it ends, and its errors and its shell's end are told", async ({ page }) => {
  const wrong = violations(page);
  await plainPage(page);
  const terminal = page.locator("warmboot-terminal");
  // It has its machine with `loading` lazy only when it is seen.
  await page.evaluate(() => {
    const element = document.createElement("warmboot-terminal") as HTMLElement & { ready: Promise<unknown> };
    for (const [name, value] of Object.entries({ image: "../image/image.json", loading: "lazy" }))
      element.setAttribute(name, value);
    for (const name of ["ready", "exit", "error"])
      element.addEventListener(name, (event) => {
        const { detail, error } = event as CustomEvent & ErrorEvent;
        document.body.dataset[name] = error
          ? `${error.code}: ${error.message}`
          : `${detail.exitCode ?? detail.session.state}`;
      });
    document.querySelector("#far")?.append(element);
  });
  await expect(terminal.getByRole("button", { name: "Start" })).toBeAttached();
  expect(await terminal.evaluate((element) => Reflect.get(element, "state"))).toBe("idle");
  expect(machines(page).length).toBe(0);
  await terminal.scrollIntoViewIfNeeded();
  await expect(page.locator("body")).toHaveAttribute("data-ready", "running", { timeout: 180_000 });

  // Read only: keys do nothing, scripts may.
  await terminal.evaluate((element) => element.toggleAttribute("readonly", true));
  await enter(terminal, "echo typed > /tmp/typed");
  await terminal.evaluate((element) =>
    (element as never as { run(cmd: string): Promise<void> }).run("echo by-script $((6*7))"),
  );
  await expect(rows(terminal)).toContainText("by-script 42");
  const exec = (command: string) =>
    terminal.evaluate(
      async (element, cmd) =>
        (await (element as never as { exec(cmd: string): Promise<{ stdout: string }> }).exec(cmd)).stdout,
      command,
    );
  expect(await exec("ls /tmp/typed || echo none; echo kept > /tmp/kept")).toBe("none\n");

  await page.evaluate(() => document.querySelector("#near")?.append(document.querySelector("warmboot-terminal") ?? ""));
  expect(await exec("cat /tmp/kept")).toBe("kept\n");
  expect(machines(page).length).toBe(1);

  await terminal.evaluate((element) => element.toggleAttribute("readonly", false));
  await enter(terminal, "exit $((5*5))");
  await expect(page.locator("body")).toHaveAttribute("data-exit", "25");
  await terminal.getByRole("button", { name: "New shell" }).click();
  await page.keyboard.type("cat /tmp/kept | tr a-z A-Z\n");
  await expect(rows(terminal)).toContainText("KEPT");

  await page.evaluate(() => document.querySelector("warmboot-terminal")?.remove());
  await expect.poll(() => machines(page).length).toBe(0);

  // In place: what, why, what next; and what is next works.
  await page.evaluate(() => {
    const element = document.createElement("warmboot-terminal");
    element.setAttribute("image", "../image/none.json");
    element.addEventListener("error", (event) => {
      document.body.dataset["error"] = (event as ErrorEvent).error.code;
    });
    document.querySelector("#near")?.append(element);
    Reflect.get(element, "ready").catch((error: { code: string }) => {
      document.body.dataset["rejected"] = error.code;
    });
  });
  await expect(terminal).toContainText("The machine could not be started");
  await expect(page.locator("body")).toHaveAttribute("data-rejected", "artefact-missing");
  await expect(terminal).toContainText("404");
  await expect(page.locator("body")).toHaveAttribute("data-error", "artefact-missing");
  expect(await axeFindings(page)).toEqual([]);
  await terminal.evaluate((element) => element.setAttribute("image", "../image/image.json"));
  await terminal.getByRole("button", { name: "Try again" }).click();
  await expect(rows(terminal)).toContainText("root@warmboot", { timeout: 180_000 });
  expect(wrong).toEqual([]);
});
