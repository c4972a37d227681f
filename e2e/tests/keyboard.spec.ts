import type { Page } from "@playwright/test";
import { expect, test } from "../support/test.ts";

/** More stops than any state of the page has. */
const MOST_STOPS = 120;

/** What the focus is on; empty when it is on nothing, or leaves for the browser's own bar. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return "";
    element.setAttribute("data-visited", "");
    const { width, height } = element.getBoundingClientRect();
    const isSeen = width > 0 && height > 0 && (element.checkVisibility?.() ?? true);
    const name = element.getAttribute("aria-label") || element.textContent?.trim() || element.getAttribute("title");
    return `${isSeen ? "" : "unseen: "}${element.tagName.toLowerCase()} ${name || element.id}`;
  });
}

/** What can be worked with a pointer, and was never given the focus; what moves the focus inside itself counts as one. */
function missed(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wanted = "button, a[href], input, select, textarea, summary, [tabindex='0']";
    return (
      [...document.querySelectorAll<HTMLElement>(wanted)]
        .filter((each) => each.checkVisibility() && !each.closest("[inert]") && !each.matches(":disabled"))
        .filter((each) => !each.closest("[role=tablist], [role=toolbar], [role=grid], .xterm"))
        // The arrow keys go on from the one that is chosen.
        .filter((each) => !each.matches("[type=radio]:not(:checked)"))
        .filter((each) => !each.hasAttribute("data-visited"))
        .map((each) => each.outerHTML.slice(0, 120))
    );
  });
}

/** As if the page had just been entered. */
async function goToBeginning(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const each of document.querySelectorAll("[data-visited]")) each.removeAttribute("data-visited");
    const first = document.getElementById("bar");
    first?.setAttribute("tabindex", "-1");
    first?.focus();
    first?.removeAttribute("tabindex");
  });
  await page.keyboard.press("Tab");
}

/** Goes through everything by Tab, from the beginning of the page to the terminal. */
async function walk(page: Page): Promise<string[]> {
  await goToBeginning(page);
  const stops: string[] = [];
  for (let i = 0; i < MOST_STOPS; i++) {
    const stop = await focused(page);
    // A terminal takes Tab for its program: it is left as it says.
    if (stop.startsWith("textarea Terminal")) {
      stops.push(stop);
      break;
    }
    stops.push(stop);
    await page.keyboard.press("Tab");
  }
  return stops.filter(Boolean);
}

test("Tab reaches everything, in the page and in each panel; what it reaches is seen; Escape goes back", async ({
  machine,
}) => {
  const { page } = machine;
  await machine.boot("?machine=walk");
  await machine.exec("echo $((6*7)) > /root/answer");
  const stops = await walk(page);
  expect(stops.at(-1)).toMatch(/^textarea Terminal 1/);
  expect(stops.filter((stop) => stop.startsWith("unseen"))).toEqual([]);
  expect(await missed(page)).toEqual([]);

  for (const title of ["Machines", "Files", "Ports", "Network", "Settings and help"]) {
    await goToBeginning(page);
    const opener = page.getByRole("navigation", { name: "Panels" }).getByRole("button", { name: title, exact: true });
    for (let i = 0; i < MOST_STOPS && !(await opener.evaluate((each) => each === document.activeElement)); i++)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    const heading = page.locator("#side").getByRole("heading", { name: title, exact: true });
    await expect(heading).toBeFocused();
    if (title === "Files") await expect(page.getByRole("grid", { name: "Files" })).toContainText("answer");
    if (title === "Machines") await expect(page.locator("#side")).toContainText("walk");
    const all = await walk(page);
    expect(all.filter((stop) => stop.startsWith("unseen"))).toEqual([]);
    expect(await missed(page)).toEqual([]);
    await heading.focus();
    await page.keyboard.press("Escape");
    await expect(page.locator(".side-panel")).toHaveCount(0);
    await expect(opener).toBeFocused();
  }
});

test("the panel is as wide as one wants, by keyboard and pointer, and is so after a reload", async ({ machine }) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  const columns = async () => Number((await machine.exec("stty size < /dev/pts/0")).stdout.split(" ")[1]);
  await machine.panel("Machines");
  const edge = page.getByRole("separator", { name: "Width of the panel" });
  const width = async () => Number(await edge.getAttribute("aria-valuenow"));
  const [usual, before] = [await width(), await columns()];
  await edge.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowLeft");
  expect(await width()).toBeGreaterThan(usual);
  await expect.poll(columns).toBeLessThan(before);
  const box = await edge.boundingBox();
  if (!box) throw new Error("the edge is not there");
  await page.mouse.move(box.x + 2, 300);
  await page.mouse.down();
  await page.mouse.move(box.x - 98, 300);
  await page.mouse.up();
  const wide = await width();
  expect(wide).toBe(usual + 72 + 100);
  await page.reload();
  await machine.prompt();
  await machine.panel("Machines");
  expect(await width()).toBe(wide);
  await edge.dblclick();
  expect(await width()).toBe(usual);
  await expect.poll(columns).toBe(before);
});
