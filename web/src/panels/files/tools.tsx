import type { IconNode } from "lucide";
import { CornerLeftUp, Eye, FilePlus, FolderPlus, FolderUp, RefreshCw, Upload } from "lucide";
import { Icon } from "../../ui/icon.tsx";
import { chooseUpload, create } from "./actions.ts";
import type { FileBrowser } from "./browser.ts";

/** What can be done in the directory that is shown. */
export function Tools({ browser }: { readonly browser: FileBrowser }) {
  const { view, showHidden } = browser;
  const canChange = view.problem.value === null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for fields of a form.
    <div class="file-tools" role="group" aria-label="Directory">
      <Tool name="Up" icon={CornerLeftUp} disabled={view.path.value === "/"} onPress={() => browser.up()} />
      <Tool name="New folder" icon={FolderPlus} disabled={!canChange} onPress={() => create(browser, "folder")} />
      <Tool name="New file" icon={FilePlus} disabled={!canChange} onPress={() => create(browser, "file")} />
      <Tool name="Upload files" icon={Upload} disabled={!canChange} onPress={() => chooseUpload(browser, "files")} />
      <Tool
        name="Upload a folder"
        icon={FolderUp}
        disabled={!canChange}
        onPress={() => chooseUpload(browser, "folder")}
      />
      <Tool
        name="Show hidden files"
        icon={Eye}
        pressed={showHidden.value}
        onPress={() => {
          showHidden.value = !showHidden.value;
        }}
      />
      <Tool name="Reload" icon={RefreshCw} onPress={() => browser.view.open(browser.session, view.path.value)} />
    </div>
  );
}

interface ToolProps {
  readonly name: string;
  readonly icon: IconNode;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
  readonly onPress: () => void;
}

function Tool({ name, icon, disabled = false, pressed, onPress }: ToolProps) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={name}
      title={name}
      disabled={disabled}
      {...(pressed !== undefined && { "aria-pressed": pressed })}
      onClick={onPress}
    >
      <Icon of={icon} />
    </button>
  );
}
