import type { ReadonlySignal } from "@preact/signals";
import { FolderInput } from "lucide";
import { Icon } from "../ui/icon.tsx";
import type { PageFiles } from "./page-files.ts";
import { shownName } from "./paths.ts";
import { RequestCard } from "./request-card.tsx";
import { TransferList } from "./transfer-list.tsx";

interface CornerProps {
  readonly files: PageFiles;
  readonly isOver: ReadonlySignal<boolean>;
}

/** What files bring to the page besides their panel: requests of the guest, what is on its way, and where dropped files go. */
export function FilesCorner({ files, isOver }: CornerProps) {
  return (
    <>
      <RequestCard files={files} />
      {files.shown.value === null && <TransferList files={files} />}
      {isOver.value && <DropPlace files={files} />}
    </>
  );
}

/** Over all of the page, and nothing that a drop could hit. */
function DropPlace({ files }: { readonly files: PageFiles }) {
  return (
    <div class="drop-place" data-usable={files.usable}>
      <p>
        <Icon of={FolderInput} />
        {files.usable ? (
          <span>
            Drop files and folders here: they go to <code>{shownName(files.destination)}</code>
          </span>
        ) : (
          <span>The machine does not run: it can take no files now.</span>
        )}
      </p>
    </div>
  );
}
