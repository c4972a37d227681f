import { randomBytes } from "node:crypto";
import { axeFindings } from "../support/axe.ts";
import { digestOf, guest, row } from "../support/files.ts";
import { expect, test } from "../support/test.ts";
import { choose, content, sha256 } from "../support/transfer.ts";

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
