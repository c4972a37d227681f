/** Controls that no other test presses. */
import { readFileSync } from "node:fs";
import { axeFindings } from "../support/axe.ts";
import { MachineDriver } from "../support/machine.ts";
import { expect, test } from "../support/test.ts";

test("the terminal: search by menu and its buttons, scrolling by keys, the menu's key, a name that is not taken", async ({
  machine,
}) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  await machine.enter("seq -f 'needle %g' 1 300");
  await machine.line(/^needle 300$/);
  const term = <T>(read: string) =>
    page.evaluate(`(({ active, selection }) => ${read})({
      active: window.warmboot.activeTerminal.term.buffer.active,
      selection: window.warmboot.activeTerminal.term.getSelectionPosition()?.start.y,
    })`) as Promise<T>;
  const bottom = await term<number>("active.viewportY");
  await page.keyboard.press("Shift+PageUp");
  await expect.poll(() => term<number>("active.viewportY")).toBeLessThan(bottom);
  await page.keyboard.press("Shift+PageDown");
  await expect.poll(() => term<number>("active.viewportY")).toBe(bottom);

  await page.keyboard.press("ContextMenu");
  await expect(page.getByRole("menu")).toBeFocused();
  await page.getByRole("menuitem", { name: "Search" }).click();
  const field = page.getByRole("searchbox", { name: "Search in the terminal" });
  await expect(field).toBeFocused();
  await page.keyboard.type("needle 29");
  // 29, 290 to 299.
  const status = page.locator(".find-bar [role=status]");
  await expect(status).toHaveText(/^\d+ of 11$/);
  const at = () => term<number>("selection");
  const first = await at();
  await page.getByRole("button", { name: "Previous" }).click();
  await expect.poll(at).toBe(first - 1);
  await page.getByRole("button", { name: "Next" }).click();
  await expect.poll(at).toBe(first);
  await page.getByRole("button", { name: "End the search" }).click();
  await expect(field).toBeHidden();
  await machine.enter("echo $((6*7))");
  await machine.line(/^42$/);

  await page.getByRole("tab", { name: "Terminal 1" }).dblclick();
  await page.getByRole("textbox", { name: "Name of terminal 1" }).fill("not this");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("tab", { name: "Terminal 1" })).toBeFocused();
  await expect(page.getByText("not this")).toHaveCount(0);
});

/** A red square of 20 points, as PNG. */
const PICTURE =
  "iVBORw0KGgoAAAANSUhEUgAAABQAAAAUCAIAAAAC64paAAAAGklEQVR42mP4z8BANmIY1TyqeVTzqOaB1QwAMc2OgIQLi4wAAAAASUVORK5CYII=";

test("settings: light and dark colours, in the terminal too; pictures in iTerm2's way", async ({ machine }) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  const panel = await machine.panel("Settings and help");
  for (const [name, page_, terminal] of [
    ["Dark", "rgb(20, 23, 28)", /^#14171c$/],
    ["Light", "rgb(255, 255, 255)", /^#f+$/],
  ] as const) {
    await panel.getByLabel("Colours").selectOption(name);
    await expect(page.locator("body")).toHaveCSS("background-color", page_);
    const background = () => page.evaluate(() => window.warmboot?.activeTerminal?.term.options.theme?.background);
    expect(await background()).toMatch(terminal);
  }
  const picture = page.locator(".panel[data-shown=true] canvas[class*=image]");
  const show = async (word: string) => {
    await page.locator(".xterm-helper-textarea").focus();
    await machine.enter(String.raw`printf '\033]1337;File=inline=1;size=83:${PICTURE}\a\n'; echo ${word}-$((6*7))`);
    await machine.line(new RegExp(`^${word}-42$`));
  };
  await show("off");
  await expect(picture).toHaveCount(0);
  await panel.getByLabel(/^Show pictures/).check();
  await expect(async () => {
    await show("on");
    await expect(picture).toBeVisible({ timeout: 2000 });
  }).toPass();
});

test("files: a typed path, Reload where nothing tells of changes, and the buttons of what is chosen", async ({
  machine,
}) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  await machine.exec("mkdir -p /root/d/sub; touch /root/d/sub/inside; echo $((6*7)) > /root/d/one; mkfifo /run/go");
  await machine.exec(
    "setsid bash -c 'exec 5</etc/passwd; echo $$ > /run/pid; read -r line < /run/go; exec 6</etc/passwd; sleep 999' > /dev/null 2>&1 &",
  );
  await expect.poll(async () => (await machine.exec("cat /run/pid")).exitCode).toBe(0);
  const pid = (await machine.exec("cat /run/pid")).stdout.trim();
  const panel = await machine.panel("Files");
  const list = panel.getByRole("grid", { name: "Files" });
  const row = (name: string) => list.getByRole("row").filter({ has: page.getByText(name, { exact: true }) });
  const go = async (path: string) => {
    await panel.getByRole("button", { name: "Type a path" }).click();
    await panel.getByRole("textbox", { name: "Path" }).fill(path);
    await panel.getByRole("button", { name: "Go" }).click();
  };
  await go(`/proc/${pid}/fd`);
  await expect(row("5")).toBeVisible();
  await machine.exec("echo > /run/go");
  await expect.poll(async () => (await machine.exec(`readlink /proc/${pid}/fd/6`)).stdout).toBe("/etc/passwd\n");
  await expect(row("6")).toHaveCount(0);
  await panel.getByRole("button", { name: "Reload" }).click();
  await expect(row("6")).toBeVisible();

  await go("/root/d");
  await row("sub").click();
  await panel.getByRole("button", { name: "Open", exact: true }).click();
  await expect(row("inside")).toBeVisible();
  await panel.getByRole("button", { name: "Up", exact: true }).click();
  await row("one").click();
  await panel.getByRole("button", { name: "Rename" }).click();
  const dialog = page.locator("dialog");
  await dialog.getByLabel("Name").fill("two");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await expect(row("two")).toBeVisible();
  expect((await machine.exec("cd /root/d; ls; cat two")).stdout).toBe("sub\ntwo\n42\n");
  await row("two").click();
  await panel.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Keep" }).click();
  expect((await machine.exec("ls /root/d")).stdout).toBe("sub\ntwo\n");
  await panel.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(row("two")).toHaveCount(0);
  expect((await machine.exec("ls /root/d")).stdout).toBe("sub\n");
});

test("machines: Import, its Cancel, staying, leaving, and a new machine in the place of one that was closed", async ({
  machine,
}) => {
  const { page } = machine;
  await machine.boot("?machine=a");
  await machine.exec("echo $((6*7)) > /root/kept");
  let panel = await machine.panel("Machines");
  const row = (name: string) =>
    panel
      .getByRole("region", { name: "All machines" })
      .getByRole("listitem")
      .filter({ has: page.getByText(name, { exact: true }) });
  await panel.getByRole("button", { name: "Save now" }).click();
  await expect(row("a")).toBeVisible();
  const exported = page.waitForEvent("download");
  await row("a").getByRole("button", { name: "Export a" }).click();
  const file = await (await exported).path();
  const choose = async (name: string) => {
    const chooser = page.waitForEvent("filechooser");
    await panel.getByRole("button", { name: "Import" }).click();
    await (await chooser).setFiles({ name: `${name}.warmboot`, mimeType: "", buffer: readFileSync(file) });
  };
  await choose("brought");
  await expect(row("brought")).toBeVisible();

  // A file that does not come to its end.
  await page.evaluate(() => {
    const { stream } = Blob.prototype;
    Blob.prototype.stream = function (this: Blob) {
      const reader = stream.call(this.slice(0, 1_000_000)).getReader();
      return new ReadableStream({
        pull: async (controller) => {
          const { value } = await reader.read();
          if (value) controller.enqueue(value);
          else await new Promise(() => {});
        },
      });
    } as typeof stream;
  });
  await choose("cut off");
  await expect(panel.getByRole("progressbar", { name: "Importing cut off" })).toBeVisible();
  await panel.locator(".transfer").getByRole("button", { name: "Cancel" }).click();
  await expect(panel.locator(".transfer")).toHaveCount(0);
  await expect(panel.getByRole("alert")).toHaveCount(0);
  await expect(row("cut off")).toHaveCount(0);

  await page.goto("./?keep=no");
  await machine.prompt();
  await machine.exec("echo $((1+1)) > /root/here");
  panel = await machine.panel("Machines");
  const dialog = page.getByRole("dialog", { name: "Leave this machine?" });
  await panel.getByRole("link", { name: "brought", exact: true }).click();
  await dialog.getByRole("button", { name: "Stay" }).click();
  await expect(dialog).toHaveCount(0);
  expect((await machine.exec("cat /root/here")).stdout).toBe("2\n");
  await panel.getByRole("link", { name: "brought", exact: true }).click();
  await dialog.getByRole("button", { name: "Leave it" }).click();
  await expect(page).toHaveTitle("brought – Warmboot");
  await machine.prompt();
  expect((await machine.exec("cat /root/kept")).stdout).toBe("42\n");

  await page.goto("./?keep=no");
  await machine.prompt();
  await machine.exec("touch /root/of-the-first");
  await page.evaluate(() => window.warmboot?.session?.close());
  await page.getByRole("heading", { name: "The machine is closed" }).waitFor();
  await page.getByRole("button", { name: "New machine", exact: true }).click();
  await machine.prompt();
  expect((await machine.exec("ls /root/of-the-first")).exitCode).toBe(2);
});

test("what could not be loaded of a panel can be had again; one says why servers cannot be opened", async ({
  machine,
  context,
}) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  await context.route("**/assets/network-*.js", (route) => route.abort());
  const panel = await machine.panel("Network");
  await expect(panel.getByRole("alert")).toContainText("This panel could not be loaded.");
  expect(await axeFindings(page)).toEqual([]);
  await context.unroute("**/assets/network-*.js");
  await panel.getByRole("button", { name: "Try again" }).click();
  await expect(panel.getByRole("heading", { name: "Relay" })).toBeVisible();
  // At an address that can have none beside it.
  const { port } = new URL(page.url());
  await page.goto(`http://127.0.0.1:${port}/?keep=no`);
  await machine.prompt();
  await machine.exec("setsid python3 -m http.server 8000 > /dev/null 2>&1 &");
  await machine.panel("Ports");
  await expect(panel.getByRole("heading", { name: "Why they cannot be opened" })).toBeVisible();
  await expect(panel).toContainText(`Open the page at http://localhost:${port}/ instead.`);
  await expect(panel.getByRole("button", { name: "Open here" })).toHaveCount(0);
});

// The plain page: what could not be loaded is an error that `machine` does not allow.
test("what could not be loaded of the page can be had again", async ({ page, context }) => {
  await context.route("**/assets/app-*.js", (route) => route.abort());
  await page.goto("./?keep=no");
  await page.getByRole("heading", { name: "A part of this page could not be loaded" }).waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await context.unroute("**/assets/app-*.js");
  await page.getByRole("link", { name: "Load the page again" }).click();
  await new MachineDriver(page).prompt();
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: "light" });

  test("each key of the bar gives its bytes; panels, questions and a failure have room", async ({ machine }) => {
    const { page } = machine;
    await machine.boot("?machine=small");
    const fits = async (what: string) => {
      const outside = await page.evaluate(() =>
        [...document.querySelectorAll("button, input, select, h2, h3, p")]
          .filter((each) => each.checkVisibility() && !each.closest("[inert], .xterm, [hidden]"))
          .filter((each) => each.getBoundingClientRect().right > innerWidth + 0.5)
          .map((each) => each.outerHTML.slice(0, 80)),
      );
      expect(outside, what).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), what).toBe(360);
      expect(await axeFindings(page), what).toEqual([]);
    };
    const key = (name: string) =>
      page.getByRole("toolbar", { name: "Terminal keys" }).getByRole("button", { name, exact: true });
    await page.locator(".panel .xterm").tap();
    await machine.enter("stty -icanon -echo; echo begun-$((6*7)); head -c 18 | od -An -v -tx1 -w18; stty sane");
    await machine.line(/^begun-42$/);
    for (const name of ["Escape", "Tab", "Left", "Up", "Down", "Right", "Pipe", "Tilde", "Slash", "Minus"])
      await key(name).tap();
    await machine.line(/^ 1b 09 1b 5b 44 1b 5b 41 1b 5b 42 1b 5b 43 7c 7e 2f 2d$/);
    await machine.prompt();

    // As a keyboard on the screen takes its room: of the page, as index.html asks for, and not over it.
    await expect(page.locator("meta[name=viewport]")).toHaveAttribute("content", /interactive-widget=resizes-content/);
    const rows = async () => Number((await machine.exec("stty size < /dev/pts/0")).stdout.split(" ")[0]);
    const all = await rows();
    await machine.enter("seq 100");
    await machine.line(/^100$/);
    await page.setViewportSize({ width: 360, height: 400 });
    await expect.poll(rows).toBeLessThan(all);
    await expect(page.locator(".xterm-helper-textarea")).toBeFocused();
    await machine.enter("echo typed-$((6*7))");
    await machine.line(/^typed-42$/);
    await expect(page.locator(".xterm-cursor")).toBeInViewport({ ratio: 1 });
    await expect(key("Escape")).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => [scrollX, scrollY])).toEqual([0, 0]);
    await page.setViewportSize({ width: 360, height: 740 });
    await expect.poll(rows).toBe(all);

    const panel = await machine.panel("Network");
    await panel.getByLabel("another").check();
    await panel.getByLabel("Address").fill(`wisp://localhost:1/${"long-".repeat(20)}/`);
    await panel.getByRole("button", { name: "Test it" }).click();
    await expect(panel.locator("form [role=status]")).toHaveText("Nobody answers there.");
    await expect(panel.locator(".status.network")).toBeVisible();
    await fits("network");
    // What is behind the panel cannot be reached: it has buttons for the others.
    await panel.getByRole("button", { name: "Settings and help" }).click();
    await expect(panel.getByLabel("Colours")).toBeVisible();
    await fits("settings");
    await panel.getByRole("button", { name: "Machines" }).click();
    await panel.getByRole("button", { name: "Keep this state" }).click();
    await panel.locator(".name-form input").fill("a state with quite a long name for so narrow a page");
    await panel.locator(".name-form").getByRole("button", { name: "Keep it" }).click();
    const snapshots = panel.getByRole("region", { name: "Snapshots" });
    await expect(snapshots.getByRole("listitem")).toContainText("a state with");
    await fits("snapshots");
    await machine.exec("echo $((6*7)) > /run/after");
    await snapshots.getByRole("button", { name: /^Go back to/ }).click();
    await expect(page.getByRole("dialog")).toBeInViewport({ ratio: 1 });
    await fits("going back");
    await page.getByRole("button", { name: "Stay here" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    expect((await machine.exec("cat /run/after")).stdout).toBe("42\n");
    await panel.getByRole("button", { name: "New machine" }).click();
    await expect(page.getByRole("dialog", { name: "New machine" })).toBeInViewport({ ratio: 1 });
    await fits("a new machine");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Close panel" }).click();
    await page.locator(".panel .xterm").tap();
    await machine.enter("echo c > /proc/sysrq-trigger");
    await machine.failure("kernel-panic");
    await expect(page.getByRole("button", { name: "Copy details" })).toBeInViewport({ ratio: 1 });
    await fits("a failure");
  });
});
