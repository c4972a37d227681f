import type { FileEntry } from "warmboot";
import { chooseFiles } from "../../files/choose.ts";
import { archiveFrom, outgoingOf } from "../../files/download.ts";
import { listNames } from "../../files/page-files.ts";
import { joinPath, parentOf, problemOfName, shownName } from "../../files/paths.ts";
import { count } from "../../files/words.ts";
import { ask } from "../../ui/dialog.tsx";
import type { FileBrowser } from "./browser.ts";
import { Editing } from "./editing.ts";
import { askName } from "./questions.tsx";

/** Counting takes no longer, in ms. */
const COUNT_MS = 5000;

/** Goes into a directory; anything else is opened as a text. */
export async function open(browser: FileBrowser, { path, type }: FileEntry): Promise<void> {
  await browser.act(async () => {
    const target = type === "symlink" ? (await browser.session.files.stat(path)).type : type;
    if (target === "directory") browser.go(path);
    else edit(browser, path);
  });
}

function edit(browser: FileBrowser, path: string): void {
  const editing = new Editing(browser.session, path);
  browser.editing.value = editing;
  void editing.load();
}

/** Asks for the name of something new and makes it. */
export async function create(browser: FileBrowser, kind: "folder" | "file"): Promise<void> {
  const directory = browser.view.path.value;
  await askName(browser.files.page.state, {
    title: `New ${kind} in ${shownName(directory)}`,
    value: "",
    agree: "Make it",
    use: async (name) => {
      await refuseTaken(browser, directory, name);
      const path = joinPath(directory, name);
      if (kind === "folder") await browser.session.files.mkdir(path);
      else await browser.session.files.write(path, "");
      browser.choose(name);
      browser.view.reload();
    },
  });
}

/** Asks for another name. */
export async function rename(browser: FileBrowser, { name, path }: FileEntry): Promise<void> {
  const directory = parentOf(path);
  await askName(browser.files.page.state, {
    title: `Rename ${shownName(name)}`,
    value: name,
    agree: "Rename",
    use: async (other) => {
      if (other === name) return;
      await refuseTaken(browser, directory, other);
      await browser.session.files.rename(path, joinPath(directory, other));
      browser.choose(other);
      browser.view.reload();
    },
  });
}

/** WHY: a rename would replace what has the name, without a word. */
async function refuseTaken(browser: FileBrowser, directory: string, name: string): Promise<void> {
  const problem = problemOfName(name);
  if (problem) throw new Error(problem);
  const path = joinPath(directory, name);
  const before = await browser.session.files.lstat(path).catch(() => null);
  if (before) throw new Error(`Something named ${shownName(name)} is there already.`);
}

/** Asks, and deletes for good. */
export async function remove(browser: FileBrowser, entries: readonly FileEntry[]): Promise<void> {
  const { state } = browser.files.page;
  const [first] = entries;
  if (!first) return;
  await browser.act(async () => {
    const inside = await countInside(browser, entries);
    const what = entries.length === 1 ? shownName(first.name) : count(entries.length, "thing");
    const agreed = await ask(state, {
      title: `Delete ${what}?`,
      text: `${entries.length > 1 ? `${listNames(entries.map(({ name }) => name))}. ` : ""}${inside}It cannot be brought back.`,
      agree: "Delete",
      refuse: "Keep",
    });
    if (!agreed) return;
    const at = browser.activeAt.value;
    for (const { path } of entries) await browser.session.files.remove(path, { recursive: true, force: true });
    const left = browser.listed.value.filter((each) => !entries.some(({ name }) => name === each.name));
    browser.choose(left[Math.min(Math.max(0, at - entries.length + 1), left.length - 1)]?.name ?? null);
  });
}

/** What is in the directories among them, as a sentence. */
async function countInside(browser: FileBrowser, entries: readonly FileEntry[]): Promise<string> {
  const directories = entries.filter(({ type }) => type === "directory");
  if (directories.length === 0) return "";
  try {
    let things = 0;
    for (const entry of directories)
      things += (await browser.session.files.list(entry.path, { recursive: true, timeoutMs: COUNT_MS })).length;
    return things === 0 ? "It is empty. " : `With ${count(things, "thing")} inside. `;
  } catch {
    return "With all that is inside; there is too much to count. ";
  }
}

/** One file as it is; a directory, or several things, as an archive. */
export function downloadChosen(browser: FileBrowser, entries: readonly FileEntry[]): void {
  const [first] = entries;
  if (!first) return;
  const directory = parentOf(first.path);
  const names = entries.map(({ name }) => name);
  void browser.files.download(listNames(names), (session) =>
    entries.length > 1 ? archiveFrom(session, directory, names) : outgoingOf(session, first.path),
  );
}

/** Has the browser ask for files, and puts them into the directory that is shown then. */
export async function chooseUpload(browser: FileBrowser, kind: "files" | "folder"): Promise<void> {
  const directory = browser.view.path.value;
  const chosen = await chooseFiles(kind);
  if (chosen) void browser.files.upload(Promise.resolve(chosen), directory);
}
