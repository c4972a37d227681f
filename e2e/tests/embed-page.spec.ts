/** embed.html in a page of another origin, as another site shows it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { FrameLocator, Page } from "@playwright/test";
import { axeFindings } from "../support/axe.ts";
import { expect, test } from "../support/test.ts";

/** A page with a frame whose address is what stands behind the question mark. */
const OUTER = `<!doctype html><html lang="en"><title>Another site</title><main><h1>Another site</h1>
<iframe title="Terminal" width="900" height="420"></iframe><div id="over"></div></main>
<script>document.querySelector("iframe").src = decodeURIComponent(location.search.slice(1));</script>`;

let stranger: Server;
let outer: string;
test.beforeAll(async () => {
  stranger = createServer((_request, response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.end(OUTER);
  });
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  // The site is at localhost: this is another one.
  outer = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}/`;
});
test.afterAll(() => {
  stranger.closeAllConnections();
  stranger.close();
});

async function frame(page: Page, site: string | undefined, address: string): Promise<FrameLocator> {
  await page.goto(`${outer}?${encodeURIComponent(`${site}${address}`)}`);
  return page.frameLocator("iframe");
}

const rows = (inside: FrameLocator) => inside.locator("warmboot-terminal .xterm-rows");

test("in another site's page, without storage: a machine of its own, and each parameter", async ({
  machine,
  baseURL,
}) => {
  const { page } = machine;
  // As browsers have it that block storage in such frames.
  await page.addInitScript(() => {
    for (const name of ["indexedDB", "localStorage", "sessionStorage", "caches"])
      Object.defineProperty(window, name, {
        get: () => {
          throw new DOMException("blocked", "SecurityError");
        },
      });
  });
  const cmd = encodeURIComponent('echo $((6*7))=$(free -m | awk \'/Mem:/ { print ($2 > 140 ? "more" : "less") }\')');
  const inside = await frame(
    page,
    baseURL,
    `embed.html?engine=kernel&image=images/default/image.json&memory=128&theme=contrast&font-size=20&readonly&cmd=${cmd}`,
  );
  await expect(rows(inside)).toContainText("42=less", { timeout: 180_000 });
  await expect(inside.locator(".frame")).toHaveCSS("background-color", "rgb(0, 0, 0)");
  await expect(rows(inside)).toHaveCSS("font-size", "20px");
  await inside.locator(".xterm-helper-textarea").focus();
  await page.keyboard.type("echo typed$((1+1))\n");
  await page
    .frames()[1]
    ?.evaluate(() =>
      (document.querySelector("warmboot-terminal") as never as { run(cmd: string): Promise<void> }).run(
        "echo after$((2+3))",
      ),
    );
  await expect(rows(inside)).toContainText("after5");
  await expect(rows(inside)).not.toContainText("typed");
  const link = inside.getByRole("link", { name: "Open in Warmboot" });
  await expect(link).toHaveAttribute("href", /\/\?image=images/);
  // Nothing is over the link in a low frame either.
  await page.evaluate(() => document.querySelector("iframe")?.setAttribute("height", "240"));
  await link.click({ trial: true, timeout: 60_000 });
  expect(await axeFindings(page)).toEqual([]);
});

test("a kept machine and a command for it, or a foreign relay, wait for a click that can be seen", async ({
  machine,
  baseURL,
}) => {
  const { page } = machine;
  const inside = await frame(page, baseURL, "embed.html?machine=kept&cmd=echo%20%24((6*7))");
  const start = inside.getByRole("button", { name: "Start", exact: true });
  await expect(inside.getByText('your machine "kept", which is kept')).toBeVisible();
  await expect(inside.locator("pre")).toHaveText("echo $((6*7))");
  await expect(start).toBeEnabled();
  expect(machine.workers().length).toBe(0);
  expect(await axeFindings(page)).toEqual([]);
  // Something nearly unseen over it: what Chromium can tell, other browsers cannot.
  await page.evaluate(() => {
    const over = document.querySelector<HTMLElement>("#over");
    if (over) over.style.cssText = "position: fixed; inset: 0; background: white; opacity: 0.5; pointer-events: none";
  });
  await expect(start).toBeDisabled();
  await page.evaluate(() => document.querySelector("#over")?.remove());
  await start.click();
  // The tests' browser gives such a frame no storage: that is told, and the machine is to be had without.
  await expect(inside.locator('[data-failed="store-failed"]')).toContainText("this browser allows no storage here");
  await inside.getByRole("button", { name: "Go on without keeping it" }).click();
  await expect(rows(inside)).toContainText("))42", { timeout: 180_000 });
  await expect(inside.getByRole("link", { name: "Open in Warmboot" })).toHaveAttribute("href", /\?machine=kept$/);

  // A link to the page itself is from anybody, too.
  await page.goto(`${baseURL}embed.html?relay=wisps://relay.example/&cmd=ls`);
  await expect(page.getByText("relay.example, which sees what it does")).toBeVisible();
  await page.getByRole("button", { name: "Start without network" }).click();
  await expect(page.locator("warmboot-terminal .xterm-rows")).toContainText("root@warmboot", { timeout: 180_000 });
  const status = await page.evaluate(
    () =>
      (document.querySelector("warmboot-terminal") as never as { session: { network: { status: { state: string } } } })
        .session.network.status.state,
  );
  expect(status).toBe("off");

  // Kept, in a page of the site's own: the command waits, and is typed when it is agreed to.
  await page.goto(`${baseURL}embed.html?machine=kept&relay=none&cmd=echo%20%24((6*7))`);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.locator("warmboot-terminal .xterm-rows")).toContainText("))42", { timeout: 180_000 });

  for (const [query, said] of [
    ["image=https://example.com/image.json", "is not an address on this site"],
    ["engine=turbo", 'There is no engine "turbo"'],
    ["relay=wisps://relay.example/&machine=kept", "no relay is taken from an address"],
  ] as const) {
    await page.goto(`${baseURL}embed.html?${query}`);
    await expect(page.getByRole("alert")).toContainText(new RegExp(said.replace("?", "\\?"), "i"));
  }
  expect(await axeFindings(page)).toEqual([]);
});

test("the machine page refuses another site's frame, by its header and, where no header is, by itself", async ({
  page,
  baseURL,
}) => {
  const policies = await Promise.all(
    ["", "index.html", "embed.html"].map(
      async (file) => (await page.request.get(`${baseURL}${file}`)).headers()["content-security-policy"] ?? "",
    ),
  );
  expect(policies.map((policy) => policy.includes("frame-ancestors 'self'"))).toEqual([true, true, false]);
  const refused = page.waitForEvent("console", (message) => /frame-ancestors/.test(message.text()));
  await frame(page, baseURL, "");
  await refused;
  expect(page.workers().length).toBe(0);

  await page.route(`${baseURL}*`, async (route) => {
    const response = await route.fetch();
    const { "content-security-policy": _policy, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
  const inside = await frame(page, baseURL, "");
  await expect(inside.getByRole("heading", { name: "This page does not run inside another site" })).toBeVisible();
  expect(page.workers().length).toBe(0);
});
