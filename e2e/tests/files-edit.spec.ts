import { axeFindings } from "../support/axe.ts";
import { guest, list, row } from "../support/files.ts";
import { expect, test } from "../support/test.ts";
import { downloaded } from "../support/transfer.ts";

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
