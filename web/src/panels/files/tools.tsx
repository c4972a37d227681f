import { CornerLeftUp, Eye, FilePlus, FolderPlus, FolderUp, RefreshCw, Upload } from "lucide";
import { IconButton } from "../../ui/icon-button.tsx";
import { chooseUpload, create } from "./actions.ts";
import type { FileBrowser } from "./browser.ts";

/** What can be done in the directory that is shown. */
export function Tools({ browser }: { readonly browser: FileBrowser }) {
  const { view, showHidden } = browser;
  const canChange = view.problem.value === null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields of a form.
    <div class="file-tools" role="group" aria-label="Directory">
      <IconButton label="Up" icon={CornerLeftUp} disabled={view.path.value === "/"} onClick={() => browser.up()} />
      <IconButton
        label="New folder"
        icon={FolderPlus}
        disabled={!canChange}
        onClick={() => create(browser, "folder")}
      />
      <IconButton label="New file" icon={FilePlus} disabled={!canChange} onClick={() => create(browser, "file")} />
      <IconButton
        label="Upload files"
        icon={Upload}
        disabled={!canChange}
        onClick={() => chooseUpload(browser, "files")}
      />
      <IconButton
        label="Upload a folder"
        icon={FolderUp}
        disabled={!canChange}
        onClick={() => chooseUpload(browser, "folder")}
      />
      <IconButton
        label="Show hidden files"
        icon={Eye}
        aria-pressed={showHidden.value}
        onClick={() => {
          showHidden.value = !showHidden.value;
        }}
      />
      <IconButton label="Reload" icon={RefreshCw} onClick={() => browser.view.open(browser.session, view.path.value)} />
    </div>
  );
}
