import { Download, FolderOpen, PenLine, TextCursorInput, Trash2 } from "lucide";
import { useEffect, useState } from "preact/hooks";
import type { FileEntry } from "warmboot";
import { shownName } from "../../files/paths.ts";
import { count, kindOf, modeText, sizeText } from "../../files/words.ts";
import { Icon } from "../../ui/icon.tsx";
import { downloadChosen, open, remove, rename } from "./actions.ts";
import type { FileBrowser } from "./browser.ts";

/** What is chosen, and what can be done with it. */
export function Chosen({ browser }: { readonly browser: FileBrowser }) {
  const chosen = browser.chosen.value;
  const [only] = chosen;
  const total = browser.listed.value.length;
  if (!only) return <p class="quiet file-count">{count(total, "thing")}</p>;
  return (
    <section class="chosen" aria-label="Chosen">
      {chosen.length === 1 ? <Details browser={browser} entry={only} /> : <p>{sumText(chosen)}</p>}
      <div class="actions">
        {chosen.length === 1 && (
          <button type="button" class="button plain" onClick={() => open(browser, only)}>
            <Icon of={only.type === "directory" ? FolderOpen : PenLine} />
            {only.type === "directory" ? "Open" : "Edit"}
          </button>
        )}
        <button type="button" class="button plain" onClick={() => downloadChosen(browser, chosen)}>
          <Icon of={Download} /> Download
        </button>
        {chosen.length === 1 && (
          <button type="button" class="button plain" onClick={() => rename(browser, only)}>
            <Icon of={TextCursorInput} /> Rename
          </button>
        )}
        <button type="button" class="button plain" onClick={() => remove(browser, chosen)}>
          <Icon of={Trash2} /> Delete
        </button>
      </div>
    </section>
  );
}

function sumText(chosen: readonly FileEntry[]): string {
  const bytes = chosen.reduce((sum, { type, size }) => sum + (type === "file" ? size : 0), 0);
  return `${count(chosen.length, "thing")}, files of ${sizeText(bytes)}`;
}

function Details({ browser, entry }: { readonly browser: FileBrowser; readonly entry: FileEntry }) {
  const target = useLinkTarget(browser, entry);
  return (
    <>
      <p>
        <strong>{shownName(entry.name)}</strong>
        {target !== null && ` → ${shownName(target)}`}
      </p>
      <p class="quiet">
        {kindOf(entry)}
        {entry.type === "file" && `, ${count(entry.size, "byte")}`}, {new Date(entry.mtimeMs).toLocaleString()}
      </p>
      <p class="quiet">
        <code>{modeText(entry)}</code> {browser.owners.of(entry)}
      </p>
    </>
  );
}

/** Where a symbolic link leads; `null` for all else. */
function useLinkTarget(browser: FileBrowser, entry: FileEntry): string | null {
  const [target, setTarget] = useState<{ readonly of: string; readonly text: string } | null>(null);
  const path = entry.path;
  useEffect(() => {
    if (entry.type !== "symlink") return;
    browser.session.files.readlink(path).then(
      (text) => setTarget({ of: path, text }),
      // It has gone meanwhile.
      () => {},
    );
  }, [browser, entry.type, path]);
  return target?.of === path ? target.text : null;
}
