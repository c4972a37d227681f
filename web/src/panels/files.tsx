import { useLayoutEffect, useMemo } from "preact/hooks";
import { PageFiles } from "../files/page-files.ts";
import { TransferList } from "../files/transfer-list.tsx";
import { FileBrowser } from "./files/browser.ts";
import { Chosen } from "./files/chosen.tsx";
import { Editor } from "./files/editor.tsx";
import { FileList } from "./files/file-list.tsx";
import { PathBar } from "./files/path-bar.tsx";
import { Tools } from "./files/tools.tsx";
import type { PanelProps } from "./panel.ts";

/** The files of the machine. */
export function FilesPanel({ page }: PanelProps) {
  const files = PageFiles.of(page);
  const browser = useMemo(() => FileBrowser.of(files), [files]);
  const session = page.state.session.value;
  const { usable } = files;
  useLayoutEffect(() => {
    if (!session || !usable) return;
    browser.show(session);
    return () => browser.hide();
  }, [browser, session, usable]);
  return (
    <div class="files">
      {usable ? <Browser browser={browser} /> : <p class="quiet file-empty">{whyNot(session?.info.agent === "")}</p>}
      <div class="file-transfers">
        <TransferList files={files} />
      </div>
    </div>
  );
}

function whyNot(isWithoutAgent: boolean): string {
  return isWithoutAgent
    ? "This image has no agent in it, and without one there is no way to its files but its terminal."
    : "The machine does not run. Its files are here when it does.";
}

function Browser({ browser }: { readonly browser: FileBrowser }) {
  const { view } = browser;
  const editing = browser.editing.value;
  if (editing) return <Editor key={editing.path} browser={browser} editing={editing} />;
  return (
    <>
      <PathBar browser={browser} />
      <Tools browser={browser} />
      {browser.problem.value !== null && (
        <p class="bad" role="alert">
          {browser.problem.value}
        </p>
      )}
      {view.problem.value === null ? (
        <>
          <FileList browser={browser} />
          <Chosen browser={browser} />
        </>
      ) : (
        <div class="file-empty" role="alert">
          <p>This directory cannot be shown. {view.problem.value}</p>
        </div>
      )}
    </>
  );
}
