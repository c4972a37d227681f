import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Page } from "@playwright/test";
import { axeFindings } from "../support/axe.ts";
import type { MachineDriver } from "../support/machine.ts";
import { expect, test } from "../support/test.ts";
import { choose, content, downloaded, dragOver, sha256 } from "../support/transfer.ts";

const run = promisify(execFile);
const list = (page: Page) => page.getByRole("grid", { name: "Files" });
const row = (page: Page, name: string) =>
  list(page)
    .getByRole("row")
    .filter({ has: page.getByText(name, { exact: true }) });
const shownNames = (page: Page) => list(page).locator(".file-rows .text").allTextContents();

async function guest(machine: MachineDriver, command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.exec(command);
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

/** What the guest says of a file's bytes; null while it is not there. */
const digestOf = async (machine: MachineDriver, path: string) =>
  (await machine.exec(`sha256sum < '${path}'`)).stdout.split(" ")[0] || null;

let folder: string;
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warmboot-files-"));
});
test.afterAll(() => rm(folder, { recursive: true }));

test("a directory is shown, sorted, followed and walked through by keys; 5,000 entries too", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await guest(
    machine,
    `mkdir -p /root/d/sub /root/many; cd /root/d; head -c 2500 /dev/zero > b10; head -c 70 /dev/zero > b9; touch .hidden
     touch "$(printf 'caf\\351')" "$(printf 'new\\nline')" "it's \\"quoted\\"" 日本; ln -s sub link; chown user:daemon b9; chmod 4750 b9
     touch -d '2001-02-03' b10; cd /root/many; seq -f 'f%05g' 5000 | xargs touch`,
  );
  const panel = await machine.panel("Files");
  await row(page, "d").dblclick();
  await expect.poll(() => shownNames(page)).toContain("b10");
  expect(await shownNames(page)).toEqual([
    "sub",
    "b9",
    "b10",
    "caf\\xe9",
    'it\'s "quoted"',
    "link",
    "new\\nline",
    "日本",
  ]);
  await panel.getByRole("button", { name: "Size" }).click();
  await panel.getByRole("button", { name: "Size" }).click();
  expect((await shownNames(page)).slice(0, 3)).toEqual(["sub", "b10", "b9"]);
  await expect(panel.getByRole("columnheader", { name: "Size" })).toHaveAttribute("aria-sort", "descending");
  await panel.getByRole("button", { name: "Show hidden files" }).click();
  await expect.poll(() => shownNames(page)).toContain(".hidden");

  // Owner and mode, as the guest has them.
  await row(page, "b9").click();
  await expect(panel.getByRole("region", { name: "Chosen" })).toContainText("-rwsr-x--- user:daemon");
  await expect(panel.getByRole("region", { name: "Chosen" })).toContainText("70 bytes");
  expect(await axeFindings(page)).toEqual([]);

  // What happens in the guest is seen.
  await guest(machine, "cd /root/d; touch fresh; rm b9");
  await expect.poll(() => shownNames(page)).toContain("fresh");
  await expect.poll(() => shownNames(page)).not.toContain("b9");

  // The keys: into a link to a directory and up again, by name, into thousands, to their end.
  await list(page).focus();
  await page.keyboard.type("lin");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("navigation", { name: "Path" })).toContainText("link");
  await page.keyboard.press("Backspace");
  await expect(row(page, "link")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Backspace");
  await expect(row(page, "d")).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(list(page)).toHaveAttribute("aria-rowcount", "5001");
  await panel.getByRole("button", { name: "Name", exact: true }).click();
  await list(page).focus();
  await page.keyboard.press("End");
  await expect(row(page, "f05000")).toHaveAttribute("aria-selected", "true");
  expect(await list(page).getByRole("row").count()).toBeLessThan(100);
  await page.keyboard.press("Shift+Home");
  await expect(panel.getByRole("region", { name: "Chosen" })).toContainText("5,000 things");

  // A typed path: one that is there, and one that is not. Escape leaves the field, and not the panel.
  await panel.getByRole("button", { name: "Type a path" }).click();
  await page.keyboard.type("~/none");
  await page.keyboard.press("Enter");
  await expect(panel.getByRole("alert").filter({ hasText: "It is not there." })).toBeVisible();
  await panel.getByRole("textbox", { name: "Path" }).fill("../d/sub/../b10");
  await page.keyboard.press("Enter");
  await expect(row(page, "b10")).toHaveAttribute("aria-selected", "true");
  await panel.getByRole("button", { name: "Type a path" }).click();
  await page.keyboard.press("Escape");
  await expect(panel.getByRole("button", { name: "Type a path" })).toBeFocused();

  // A directory that goes away says so.
  await guest(machine, "rm -r /root/d");
  await expect(panel.getByText("This directory cannot be shown. It is not there.")).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await panel.getByRole("button", { name: "Up", exact: true }).click();
  await expect(row(page, "many")).toBeVisible();
});

test("files and folders go in and come out as they are", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await guest(machine, "mkdir /root/in");
  const panel = await machine.panel("Files");
  await row(page, "in").dblclick();
  await expect(panel.getByText("Nothing is in here")).toBeVisible();

  const names = ["plain", "two words.txt", 'it\'s "q" $HOME;#.txt', "日本 🎉.bin", "-rf", "empty"];
  const files = names.map((name, at) => ({ name, buffer: randomBytes(name === "empty" ? 0 : 1000 * (at + 1)) }));
  files.push({ name: "big.bin", buffer: randomBytes(3_000_000) });
  await choose(page, () => panel.getByRole("button", { name: "Upload files" }).click(), files);
  await expect(page.locator(".transfer")).toContainText("Done: 7 files, 3.0 MB");
  expect(
    await guest(machine, "cd /root/in; sha256sum -- * | cut -c1-64; stat -c '%a %U' -- * | sort -u; ls -A | wc -l"),
  ).toBe(
    `${(await guest(machine, "cd /root/in; printf '%s\\n' *"))
      .trim()
      .split("\n")
      .map((name) => sha256(files.find((file) => file.name === name)?.buffer ?? Buffer.of()))
      .join("\n")}\n644 root\n7\n`,
  );
  for (const { name, buffer } of files) {
    await row(page, name).click();
    const out = await downloaded(page, () => panel.getByRole("button", { name: "Download" }).click());
    expect(sha256(out.bytes), name).toBe(sha256(buffer));
  }
  // A newline in a name is none in the file that the browser saves.
  await guest(machine, "printf x > \"$(printf '/root/in/a\\nb')\"");
  await row(page, "a\\nb").click();
  const newline = await downloaded(page, () => panel.getByRole("button", { name: "Download" }).click());
  expect(newline).toEqual({ name: "a_b", bytes: Buffer.from("x") });

  // A folder of some hundred files is dropped on the terminal, and goes where the panel is.
  const source = join(folder, "project");
  await mkdir(join(source, "deep/er"), { recursive: true });
  for (let i = 0; i < 300; i++)
    await writeFile(join(source, i % 2 ? `file ${i}.txt` : `deep/er/ünï ${i}`), randomBytes(i * 7));
  await writeFile(join(source, "deep/large.bin"), randomBytes(1_500_000));
  const drop = await dragOver(page, [source], 300, 300);
  await expect(page.locator(".drop-place")).toContainText("they go to /root/in");
  expect(await axeFindings(page)).toEqual([]);
  await drop();
  await expect(page.locator(".drop-place")).toBeHidden();
  await expect(row(page, "project")).toBeVisible();
  const sums = "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum";
  const here = (await run("sh", ["-c", sums], { cwd: source })).stdout;
  expect(await guest(machine, `cd /root/in/project && ${sums}`)).toBe(here);
  expect(await guest(machine, "ls -A /root/in | grep -c warmboot || true")).toBe("0\n");

  // And comes back as an archive, with modes and links.
  await guest(machine, "cd /root/in/project; chmod 755 'file 1.txt'; ln -s deep/er there");
  await row(page, "project").click();
  const archive = await downloaded(page, () => panel.getByRole("button", { name: "Download" }).click());
  expect(archive.name).toBe("project.tar.gz");
  const back = join(folder, "back");
  await mkdir(back);
  await writeFile(join(back, "a.tar.gz"), archive.bytes);
  await run("tar", ["-xzf", "a.tar.gz"], { cwd: back });
  expect((await run("sh", ["-c", sums], { cwd: join(back, "project") })).stdout).toBe(here);
  expect((await run("stat", ["-c", "%a %N", "file 1.txt", "there"], { cwd: join(back, "project") })).stdout).toMatch(
    /^755 .*\n777 .there. -> .deep\/er.\n$/,
  );
  // Several things are one archive.
  await row(page, "plain").click();
  await row(page, "two words.txt").click({ modifiers: ["Control"] });
  const both = await downloaded(page, () => panel.getByRole("button", { name: "Download" }).click());
  expect(both.name).toBe("in.tar.gz");
  await writeFile(join(back, "b.tar.gz"), both.bytes);
  expect((await run("tar", ["-tzf", "b.tar.gz"], { cwd: back })).stdout).toBe("plain\ntwo words.txt\n");

  // With the panel closed, dropped files go to the shell's home.
  await panel.getByRole("button", { name: "Close panel" }).click();
  await writeFile(join(folder, "dropped"), "dropped");
  const again = await dragOver(page, [join(folder, "dropped")], 300, 300);
  await expect(page.locator(".drop-place")).toHaveText("Drop files and folders here: they go to /root");
  await again();
  await expect.poll(() => digestOf(machine, "/root/dropped")).toBe(sha256(Buffer.from("dropped")));
});

test("names that are taken, an upload that is cancelled, a full disk, a machine that is off", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await guest(
    machine,
    `mkdir -p /root/in/dir /root/full; cd /root/in; printf old > a.txt; chmod 640 a.txt; chown user a.txt; printf old > dir/same; printf other > dir/other
     mount -t tmpfs -o size=1m none /root/full`,
  );
  const panel = await machine.panel("Files");
  await row(page, "in").dblclick();
  const upload = () => panel.getByRole("button", { name: "Upload files" }).click();
  const answer = async (name: string) => {
    expect(await axeFindings(page)).toEqual([]);
    await page.locator("dialog").getByRole("button", { name, exact: true }).click();
  };
  const file = (name: string, text: string) => ({ name, buffer: Buffer.from(text) });

  await choose(page, upload, [file("a.txt", "new"), file("b.txt", "b")]);
  await answer("Skip");
  await expect.poll(() => guest(machine, "cd /root/in; cat a.txt; cat b.txt || true")).toBe("oldb");
  await choose(page, upload, [file("a.txt", "new")]);
  await answer("Keep both");
  await expect.poll(() => guest(machine, "cd /root/in; cat a.txt 'a (2).txt' || true")).toBe("oldnew");
  await choose(page, upload, [file("a.txt", "newer")]);
  await answer("Replace");
  await expect.poll(() => guest(machine, "cd /root/in; cat a.txt; stat -c ' %a %U' a.txt")).toBe("newer 640 user\n");
  await choose(page, upload, [file("a.txt", "newest")]);
  await answer("Cancel");
  await expect(page.locator(".transfer").filter({ hasText: "Cancelled" })).toBeVisible();
  expect(await guest(machine, "cat /root/in/a.txt")).toBe("newer");
  // A folder into one of the same name: what is only in the machine stays.
  await mkdir(join(folder, "dir"));
  await writeFile(join(folder, "dir/same"), "new");
  await choose(page, () => panel.getByRole("button", { name: "Upload a folder" }).click(), join(folder, "dir"));
  await answer("Replace");
  await expect.poll(() => guest(machine, "cat /root/in/dir/same /root/in/dir/other")).toBe("newother");

  // Cancelled half-way: nothing is left of it, under no name.
  const before = await guest(machine, "ls -A /root/in");
  await writeFile(join(folder, "huge.bin"), Buffer.alloc(200_000_000, "x"));
  await choose(page, upload, join(folder, "huge.bin"));
  const card = page.locator(".transfer").filter({ hasText: "of 200.0 MB" });
  await expect(card).toContainText(/[1-9]\d*\.\d MB of/);
  expect(await guest(machine, "ls -A /root/in")).toContain(".warmboot-upload-");
  expect(await axeFindings(page)).toEqual([]);
  await card.getByRole("button", { name: "Cancel" }).click();
  await expect.poll(() => guest(machine, "ls -A /root/in")).toBe(before);

  // No room: said before anything is written, and when it runs out on the way.
  await panel.getByRole("button", { name: "root", exact: true }).click();
  await row(page, "full").dblclick();
  await expect(panel.getByText("Nothing is in here")).toBeVisible();
  await choose(page, upload, [{ name: "much", buffer: Buffer.alloc(2_000_000) }]);
  await expect(
    page.locator(".transfer").filter({ hasText: "There is not enough room: the files have 2.0 MB" }),
  ).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  const small = Array.from({ length: 230 }, (_, i) => ({ name: `s${i}`, buffer: Buffer.alloc(4097) }));
  await choose(page, upload, small);
  await expect(
    page.locator(".transfer").filter({ hasText: "There is no room left on the machine's disk" }),
  ).toBeVisible();
  await expect.poll(() => guest(machine, "ls -A /root/full")).toBe("");

  // Off: the panel says so, and takes no drop.
  await machine.exec("poweroff").catch(() => {});
  await expect(panel.getByText("The machine does not run.")).toBeVisible();
  await dragOver(page, [join(folder, "dir")], 300, 300);
  await expect(page.locator(".drop-place")).toContainText("it can take no files now");
});

test("make, rename, delete and edit, with the keyboard alone", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await guest(
    machine,
    `mkdir -p /root/w/tree/a/b; cd /root/w; touch tree/1 tree/a/2; printf 'one\\r\\ntwo\\r\\n' > dos.txt; chmod 750 dos.txt; chown user dos.txt
     printf 'text\\0' > binary; printf 'a\\rb\\n' > mixed; head -c 2000000 /dev/zero | tr '\\0' a > large; printf 'v1\\n' > plain.txt; ln -s dos.txt link`,
  );
  const panel = await machine.panel("Files");
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await row(page, "w").click();
  await press("Enter");
  await expect(row(page, "tree")).toBeVisible();
  const dialog = page.locator("dialog");

  // New ones; a name that is taken, and one that is none, are refused in place.
  const field = dialog.getByRole("textbox", { name: "Name" });
  await panel.getByRole("button", { name: "New folder" }).focus();
  await press("Enter");
  await expect(field).toBeFocused();
  await page.keyboard.type("tree");
  await press("Enter");
  await expect(dialog.getByRole("alert")).toHaveText("Something named tree is there already.");
  expect(await axeFindings(page)).toEqual([]);
  await press("ControlOrMeta+a");
  await page.keyboard.type("a/b");
  await press("Enter");
  await expect(dialog.getByRole("alert")).toHaveText("A name has no slash in it.");
  await press("ControlOrMeta+a");
  await page.keyboard.type("new dir");
  await press("Enter");
  await expect(row(page, "new dir")).toHaveAttribute("aria-selected", "true");
  await panel.getByRole("button", { name: "New file" }).focus();
  await press("Enter");
  await expect(field).toBeFocused();
  await page.keyboard.type("fresh.md");
  await press("Enter");
  await expect(row(page, "fresh.md")).toBeVisible();
  expect(await guest(machine, "cd /root/w; stat -c '%F %a' 'new dir' fresh.md")).toBe(
    "directory 755\nregular empty file 644\n",
  );

  // Renamed: what is before the ending is chosen in the field.
  await list(page).focus();
  await page.keyboard.type("fresh");
  await press("F2");
  await expect(field).toBeFocused();
  await page.keyboard.type("Ünï");
  await press("Enter");
  await expect(row(page, "Ünï.md")).toHaveAttribute("aria-selected", "true");
  await list(page).focus();
  await press("F2");
  await expect(field).toBeFocused();
  await press("ControlOrMeta+a");
  await page.keyboard.type("plain.txt");
  await press("Enter");
  await expect(dialog.getByRole("alert")).toContainText("is there already");
  await press("Escape");
  await expect(dialog).toBeHidden();
  expect(await guest(machine, "cd /root/w; cat plain.txt; ls Ünï.md")).toBe("v1\nÜnï.md\n");

  // Deleted, after the number of what is inside was told.
  await list(page).focus();
  await page.keyboard.type("tree");
  await press("Delete");
  await expect(dialog).toBeVisible();
  await expect(dialog).toContainText("With 4 things inside.");
  expect(await axeFindings(page)).toEqual([]);
  await press("Escape");
  await expect(dialog).toBeHidden();
  expect(await guest(machine, "ls /root/w/tree")).toBe("1\na\n");
  await list(page).focus();
  await press("Delete");
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Delete" }).focus();
  await press("Enter");
  await expect(row(page, "tree")).toBeHidden();
  expect((await machine.exec("ls /root/w/tree")).exitCode).toBe(2);

  // Edited through a link: mode, owner, line ends and the link stay.
  const open = async (name: string) => {
    await list(page).focus();
    await page.keyboard.type(name);
    await expect(row(page, name)).toHaveAttribute("aria-selected", "true");
    await press("Enter");
  };
  await open("link");
  const text = panel.getByRole("textbox", { name: "Text of link" });
  await expect(text).toBeFocused();
  await expect(text).toHaveValue("one\ntwo\n");
  await press("ControlOrMeta+End");
  await page.keyboard.type("drei ✓");
  await expect(panel.getByText("Changed, not saved")).toBeVisible();
  expect(await axeFindings(page)).toEqual([]);
  await press("Control+s");
  await expect(panel.getByText("Saved", { exact: true })).toBeVisible();
  expect(await guest(machine, "cd /root/w; cat dos.txt; stat -c ' %a %U' dos.txt; readlink link")).toBe(
    "one\r\ntwo\r\ndrei ✓ 750 user\ndos.txt\n",
  );
  // It changes in the guest meanwhile: nothing is lost without a question.
  await guest(machine, "echo theirs > /root/w/dos.txt");
  await page.keyboard.type("!");
  await press("Control+s");
  await expect(dialog).toBeVisible();
  await expect(dialog).toContainText("has changed in the machine");
  expect(await axeFindings(page)).toEqual([]);
  await press("Escape");
  await expect(dialog).toBeHidden();
  expect(await guest(machine, "cat /root/w/dos.txt")).toBe("theirs\n");
  await press("Control+s");
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Drop mine and load it" }).focus();
  await press("Enter");
  await expect(text).toHaveValue("theirs\n");
  await page.keyboard.type("mine ");
  await guest(machine, "echo again >> /root/w/dos.txt");
  await press("Control+s");
  await expect(dialog).toBeVisible();
  await dialog.getByRole("button", { name: "Save mine over it" }).focus();
  await press("Enter");
  await expect.poll(() => guest(machine, "cat /root/w/dos.txt")).toContain("mine");
  await expect(dialog).toBeHidden();
  // What is not saved is not dropped without a question, and stays when the panel is closed.
  await page.keyboard.type("more");
  await press("Escape");
  await expect(dialog).toBeVisible();
  await expect(dialog).toContainText("It has not been saved.");
  await press("Escape");
  await expect(dialog).toBeHidden();
  await panel.getByRole("button", { name: "Close panel" }).click();
  await machine.panel("Files");
  await expect(text).toHaveValue(/more/);
  await press("Control+s");
  await expect(panel.getByText("Saved", { exact: true })).toBeVisible();
  await press("Escape");
  await expect(dialog).toBeHidden();

  for (const [name, why] of [
    ["binary", "is not UTF-8 text"],
    ["large", "texts up to 1.0 MB can be edited here"],
    ["mixed", "line ends of different kinds"],
  ] as const) {
    await open(name);
    await expect(panel.getByRole("alert").filter({ hasText: why })).toBeVisible();
    if (name === "binary") {
      const out = await downloaded(page, () => panel.getByRole("button", { name: "Download it" }).click());
      expect(out.bytes).toEqual(Buffer.from("text\0"));
    }
    await panel.getByRole("button", { name: "Back to the files" }).click();
  }
});

test("download and upload in the guest, and no flood of them", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await guest(
    machine,
    "mkdir -p '/root/a dir'; head -c 5000 /dev/urandom > /root/one; printf two > '/root/t w ö'; printf in > '/root/a dir/f'",
  );
  const downloads: Promise<{ name: string; bytes: Buffer }>[] = [];
  page.on("download", (download) => downloads.push(content(download)));
  await machine.enter("download one 't w ö' 'a dir'");
  await machine.line(/^download: under way in the page: 3$/);
  await expect.poll(() => downloads.length).toBe(3);
  const [one, two, dir] = await Promise.all(downloads);
  expect(sha256(one?.bytes ?? Buffer.of())).toBe(await digestOf(machine, "/root/one"));
  expect([one?.name, two, dir?.name]).toEqual(["one", { name: "t w ö", bytes: Buffer.from("two") }, "a dir.tar.gz"]);

  // Without a key in between, the next ones ask: they come one at a time, and only so many wait.
  await machine.enter("for i in $(seq 12); do download one; done 2>&1 | sort | uniq -c; echo over-$((1+1))");
  await machine.line(/^over-2$/);
  await machine.line(/^ +1 download: under way in the page: 1$/);
  await machine.line(/^ +8 download: the page asks there whether it may$/);
  await machine.line(/^ +3 download: the page does not take this; it says why$/);
  await expect.poll(() => downloads.length).toBe(4);
  const card = page.locator(".request");
  await expect(card).toContainText("7 more requests wait.");
  expect(await axeFindings(page)).toEqual([]);
  await card.getByRole("button", { name: "Download" }).click();
  await expect.poll(() => downloads.length).toBe(5);
  for (let left = 7; left > 0; left--) await card.getByRole("button", { name: "No" }).click();
  await expect(card).toBeHidden();
  expect(downloads).toHaveLength(5);

  // What else a program writes: nonsense is refused, a request that somebody only shows is not answered by keys, and the shell goes on.
  await page.locator(".panel .xterm").click();
  await machine.enter("printf '\\e]22338;download;%s\\e\\\\' \"$(printf ../etc/passwd | base64)\"; clear");
  await expect(page.locator(".toast").filter({ hasText: "does not understand" })).toBeVisible();
  await guest(
    machine,
    "printf '\\033]22338;%s;upload;L3Jvb3Q=\\033\\\\' $(cat /proc/sys/kernel/random/uuid) > /root/hostile",
  );
  await machine.enter("cat hostile; echo shown-$((1+1))");
  await machine.line(/^shown-2$/);
  await expect(card).toContainText("They go to /root.");
  await card.getByRole("button", { name: "No" }).click();
  await page.locator(".panel .xterm").click();
  await machine.enter("download nothing");
  await machine.line(/^download: nothing is not there$/);

  await machine.enter("mkdir -p up; upload up");
  await machine.line(/^upload: choose the files in the page; they go to up$/);
  await expect(card).toContainText("They go to /root/up.");
  expect(await axeFindings(page)).toEqual([]);
  const bytes = randomBytes(2000);
  await choose(page, () => card.getByRole("button", { name: "Choose files…" }).click(), [
    { name: "x y", buffer: bytes },
  ]);
  await expect.poll(() => digestOf(machine, "/root/up/x y")).toBe(sha256(bytes));
  await expect(card).toBeHidden();
});

test("a large file goes to the disk as it comes, and a small one can be dragged out", async ({ machine }) => {
  const { page } = machine;
  await machine.boot();
  await guest(machine, "mkdir /root/o; cd /root/o; truncate -s 34M large; printf end >> large; printf small > small");
  // The browser's question where to save cannot be answered from here: it is given a file of the page's own.
  await page.evaluate(() => {
    const choose = async ({ suggestedName }: { suggestedName: string }) =>
      (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    Object.assign(window, { showSaveFilePicker: choose });
    // What is behind an address of a blob: the page's policy lets no one fetch it.
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
      Object.assign(window, { lastBlob: blob });
      return make.call(URL, blob);
    };
  });
  const panel = await machine.panel("Files");
  await row(page, "o").dblclick();
  await row(page, "large").click();
  await panel.getByRole("button", { name: "Download" }).click();
  const size = () =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const file = await root.getFileHandle("large").then(
        (handle) => handle.getFile(),
        () => null,
      );
      return file && `${file.size} ${await file.slice(-3).text()}`;
    });
  await expect.poll(size).toBe(`${34 * 2 ** 20 + 3} end`);
  const given = await page.evaluate(async () => {
    const rowOfSmall = [...document.querySelectorAll<HTMLElement>(".file-rows .file-row")].find((each) =>
      each.textContent?.includes("small"),
    );
    rowOfSmall?.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
    for (let tries = 0; tries < 100; tries++) {
      const event = new DragEvent("dragstart", { bubbles: true, cancelable: true, dataTransfer: new DataTransfer() });
      rowOfSmall?.dispatchEvent(event);
      const [, name] = /^[^:]+:([^:]+):blob:.+$/.exec(event.dataTransfer?.getData("DownloadURL") ?? "") ?? [];
      if (name) return { name, text: await (window as unknown as { lastBlob: Blob }).lastBlob.text() };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return null;
  });
  expect(given).toEqual({ name: "small", text: "small" });
});

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, colorScheme: "light" });

  test("tap, choose, upload, edit: nothing scrolls sideways", async ({ machine }) => {
    const { page } = machine;
    await machine.boot();
    await guest(
      machine,
      "mkdir -p /root/p; cd /root/p; printf a > a.txt; printf b > a-rather-long-name-of-a-file-that-does-not-fit.txt",
    );
    const panel = await machine.panel("Files");
    const overflow = () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await row(page, "p").tap();
    await row(page, "p").tap();
    await expect(row(page, "a.txt")).toBeVisible();
    await row(page, "a.txt").locator(".tick").tap();
    await row(page, "a-rather-long-name-of-a-file-that-does-not-fit.txt").locator(".tick").tap();
    await expect(panel.getByRole("region", { name: "Chosen" })).toContainText("2 things");
    const out = await downloaded(page, () => panel.getByRole("button", { name: "Download" }).tap());
    expect(out.name).toBe("p.tar.gz");
    expect(await overflow()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
    await choose(page, () => panel.getByRole("button", { name: "Upload files" }).tap(), [
      { name: "up", buffer: Buffer.from("up") },
    ]);
    await expect.poll(() => digestOf(machine, "/root/p/up")).toBe(sha256(Buffer.from("up")));
    await row(page, "a.txt").tap();
    await panel.getByRole("button", { name: "Edit" }).tap();
    await panel.getByRole("textbox", { name: "Text of a.txt" }).fill("phone");
    await panel.getByRole("button", { name: "Save", exact: true }).tap();
    await expect.poll(() => guest(machine, "cat /root/p/a.txt")).toBe("phone");
    expect(await overflow()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
  });
});
