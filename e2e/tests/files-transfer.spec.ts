import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { axeFindings } from "../support/axe.ts";
import { digestOf, guest, row } from "../support/files.ts";
import { expect, test } from "../support/test.ts";
import { choose, downloaded, dragOver, sha256 } from "../support/transfer.ts";

const run = promisify(execFile);

let folder: string;
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warmboot-files-"));
});
test.afterAll(() => rm(folder, { recursive: true }));

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
