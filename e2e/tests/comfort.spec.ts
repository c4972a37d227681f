import { expect, test } from "../support/test.ts";

test.use({ permissions: ["clipboard-read", "clipboard-write"] });

const clipboard = (page: import("@playwright/test").Page) => page.evaluate(() => navigator.clipboard.readText());

test("search: counts, goes on and back, minds capitals, takes regular expressions, and gives the focus back", async ({
  machine,
}) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  await machine.enter("seq -f 'needle %g' 1 200; echo Needle");
  await machine.line(/^Needle$/);
  await page.keyboard.press("Control+Shift+F");
  const field = page.getByRole("searchbox", { name: "Search in the terminal" });
  await expect(field).toBeFocused();
  const status = page.locator(".find-bar [role=status]");
  await page.keyboard.type("needle 17");
  // 17, 170 to 179.
  await expect(status).toHaveText(/^\d+ of 11$/);
  const selected = () => page.evaluate(() => window.warmboot?.activeTerminal?.term.getSelectionPosition()?.start.y);
  const first = await selected();
  await page.keyboard.press("Enter");
  await expect.poll(selected).not.toBe(first);
  await page.keyboard.press("Shift+Enter");
  await expect.poll(selected).toBe(first);

  await page.getByRole("button", { name: "Capitals matter" }).click();
  await field.fill("Needle");
  // The one, and the command's own line.
  await expect(status).toHaveText(/^\d of 2$/);
  await page.getByRole("button", { name: "Regular expression" }).click();
  await field.fill("^needle [12]00$");
  await expect(status).toHaveText(/^\d of 2$/);
  await field.fill("needle (");
  await expect(status).toHaveText("no regular expression");
  await field.fill("haystack");
  await expect(status).toHaveText("not found");
  await page.keyboard.press("Escape");
  await expect(field).toBeHidden();
  await machine.enter("echo $((6*7))");
  await machine.line(/^42$/);
});

test("the menu copies, pastes as pasted, selects, clears and opens, by pointer and by keyboard", async ({
  machine,
}) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  await machine.enter("echo copied-$((20+3))");
  await machine.line(/^copied-23$/);
  const open = () => page.locator(".panel[data-shown=true] .xterm-screen").click({ button: "right" });
  const item = (name: string) => page.getByRole("menuitem", { name });

  await open();
  await expect(item("Copy")).toHaveAttribute("aria-disabled", "true");
  await item("Select all").click();
  await open();
  await item("Copy").click();
  expect(await clipboard(page)).toMatch(/^copied-23$/m);

  await page.evaluate(() => navigator.clipboard.writeText("echo one\necho $((6*7))"));
  await open();
  await item("Paste").click();
  // Bracketed: the shell shows it and waits.
  await expect.poll(async () => (await machine.lines()).join("\n")).toContain("echo $((6*7))");
  expect(await machine.lines()).not.toContain("42");
  await page.keyboard.press("Enter");
  await machine.line(/^42$/);

  await open();
  await expect(page.getByRole("menu")).toBeFocused();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  await expect(item("New terminal")).toHaveAttribute("data-highlighted");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab")).toHaveCount(2);
  await machine.prompt();
  await open();
  await expect(page.getByRole("menu")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toBeHidden();
  await machine.enter("echo $((6*8))");
  await machine.line(/^48$/);
  await open();
  await item("Clear what scrolled by").click();
  expect(await page.evaluate(() => window.warmboot?.activeTerminal?.term.buffer.active.baseY)).toBe(0);
  await open();
  await item("Close this terminal").click();
  await expect(page.getByRole("tab")).toHaveCount(1);
});

test("a program fills the clipboard when the person agrees, and never reads it", async ({ machine }) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  await page.evaluate(() => navigator.clipboard.writeText("secret"));
  await machine.enter(String.raw`printf '\033]52;c;%s\a' $(echo -n from-$((6*7)) | base64)`);
  const notice = page.locator(".toast");
  await expect(notice).toContainText("from-42");
  expect(await clipboard(page)).toBe("secret");
  await notice.getByRole("button", { name: "Copy" }).click();
  await expect.poll(() => clipboard(page)).toBe("from-42");
  await expect(notice).toHaveCount(0);

  await machine.enter(
    String.raw`stty -echo -icanon min 0 time 20; printf '\033]52;c;?\a'; a=$(cat -v); stty sane; echo "got<$a>"`,
  );
  expect((await machine.line(/got<(.*)>$/))[1]).not.toContain(Buffer.from("from-42").toString("base64"));
});

test("what is selected is copied when that is wished", async ({ machine }) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  await (await machine.panel("Settings and help")).getByLabel("Copy what is selected").check();
  await page.getByRole("button", { name: "Close panel" }).click();
  await machine.enter("echo word-$((6*7))");
  await machine.line(/^word-42$/);
  await page.evaluate(() => window.warmboot?.activeTerminal?.term.selectLines(1, 1));
  await expect.poll(() => clipboard(page)).toBe("word-42");
});

test("tabs are named and moved, by pointer and keyboard, and are so after a reload", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await page.getByRole("button", { name: "New terminal" }).click();
  await machine.prompt();
  await page.getByRole("tab", { name: "Terminal 2" }).dblclick();
  await page.keyboard.type("logs <b>");
  await page.keyboard.press("Enter");
  const tabs = () => page.getByRole("tab").allInnerTexts();
  await expect.poll(tabs).toEqual(["Terminal 1", "logs <b>"]);
  await expect(page.getByRole("tab", { name: "logs" })).toBeFocused();
  await page.keyboard.press("Shift+ArrowLeft");
  await expect.poll(tabs).toEqual(["logs <b>", "Terminal 1"]);
  await page.keyboard.press("Enter");
  await machine.enter("tty > /root/tty; echo $((6*7))");
  await machine.line(/^42$/);
  const tty = (await machine.exec("cat /root/tty")).stdout;
  await page.locator("#save").click();
  await expect(page.locator("#save")).toContainText(/Saved \d+ s ago/);
  await page.reload();
  await machine.prompt();
  await expect.poll(async () => (await tabs())[0]).toBe("logs <b>");
  await machine.enter("clear; tty | sed s/^/at:/");
  expect((await machine.line(/^at:(.*)/))[1]).toBe(tty.trim());

  await page.getByRole("tab", { name: "logs" }).dragTo(page.getByRole("tab").nth(1));
  await expect.poll(async () => (await tabs())[1]).toBe("logs <b>");
  await page.keyboard.press("Control+Shift+M");
  await page.keyboard.press("F2");
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: /^Terminal \d$/ })).toHaveCount(2);
});

test("pictures and joined emoji: the terminal answers the guest as the settings say, at once", async ({ machine }) => {
  const { page } = machine;
  await machine.boot("?keep=no");
  // What a program asks: which features there are (4 is SIXEL), and in which column the cursor is after a family.
  const features = async () => {
    await machine.enter(String.raw`clear; printf '\033[c'; IFS= read -rs -d c a; echo "features${"$"}{a#*\?};"`);
    return (await machine.line(/^features([\d;]+)$/))[1]?.split(";") ?? [];
  };
  const family = String.raw`\360\237\221\250\342\200\215\360\237\221\251\342\200\215\360\237\221\247`;
  const column = async () => {
    await machine.enter(
      String.raw`clear; printf '\r${family}\033[6n'; IFS=';' read -rs -d R a b; echo; echo "column $b;"`,
    );
    return Number((await machine.line(/^column (\d+);$/))[1]);
  };
  const panel = await machine.panel("Settings and help");
  const pictures = panel.getByLabel(/^Show pictures/);
  const emoji = panel.getByLabel(/^Draw joined emoji/);
  const terminal = page.locator(".panel[data-shown=true] .xterm-helper-textarea");
  const picture = page.locator(".panel[data-shown=true] canvas[class*=image]");
  await terminal.focus();
  expect(await features()).not.toContain("4");
  expect(await column()).toBe(7);
  await pictures.check();
  await emoji.check();
  await terminal.focus();
  await expect.poll(features).toContain("4");
  await expect.poll(column).toBe(3);
  await machine.enter(String.raw`clear; printf '\033Pq#0;2;100;0;0#0!40~-!40~\033\\'; echo; echo drawn-$((6*7))`);
  await machine.line(/^drawn-42$/);
  await expect(picture).toBeVisible();
  await pictures.uncheck();
  await emoji.uncheck();
  await terminal.focus();
  await expect.poll(features).not.toContain("4");
  expect(await column()).toBe(7);
  await expect(picture).toHaveCount(0);
});
