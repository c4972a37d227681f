import type { FileEntry } from "warmboot";
import { nameToSave } from "../../files/paths.ts";
import type { FileBrowser } from "./browser.ts";

/** Larger ones would not be there in time. */
const MOST_BYTES = 4 * 2 ** 20;

/** What is ready to be dragged out: read when the pointer goes down, since a drag that begins waits for nothing. */
let ready: { readonly path: string; readonly address: string } | null = null;

/** Reads a small file for a drag that may follow. */
export function prepareDrag(browser: FileBrowser, entry: FileEntry): void {
  if (ready) URL.revokeObjectURL(ready.address);
  ready = null;
  if (entry.type !== "file" || entry.size > MOST_BYTES || browser.session.state !== "running") return;
  const path = entry.path;
  browser.session.files.read(path, { maxBytes: MOST_BYTES }).then(
    (bytes) => {
      ready = { path, address: URL.createObjectURL(new Blob([bytes])) };
    },
    // Then it cannot be dragged; downloading it says why.
    () => {},
  );
}

/** Gives the file to the drag, where the browser takes one (Chromium's DownloadURL); otherwise there is no drag. */
export function giveForDrag(event: DragEvent, entry: FileEntry): void {
  if (!event.dataTransfer || ready?.path !== entry.path) {
    event.preventDefault();
    return;
  }
  event.dataTransfer.effectAllowed = "copy";
  event.dataTransfer.setData("DownloadURL", `application/octet-stream:${nameToSave(entry.name)}:${ready.address}`);
}
