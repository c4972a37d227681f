import { effect, signal } from "@preact/signals";
import { incomingOf } from "./incoming.ts";
import type { PageFiles } from "./page-files.ts";

const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes("Files") ?? false;

/** Takes files that are dropped anywhere on the page. The signal says whether some are over it. */
export function takeDrops(files: PageFiles) {
  const isOver = signal(false);
  const over = (event: DragEvent) => {
    if (event.defaultPrevented || !hasFiles(event) || !event.dataTransfer) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = files.usable ? "copy" : "none";
    isOver.value = true;
  };
  document.addEventListener("dragenter", over);
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", (event) => {
    // Without one it goes out of the window, and not to another element.
    if (event.relatedTarget === null) isOver.value = false;
  });
  document.addEventListener("drop", (event) => {
    isOver.value = false;
    if (event.defaultPrevented || !hasFiles(event)) return;
    event.preventDefault();
    void files.upload(incomingOf(event), files.destination);
  });
  // A drag that ends over a frame or by Escape outside is not told.
  effect(() => {
    if (!isOver.value) return;
    const end = () => {
      isOver.value = false;
    };
    document.addEventListener("pointermove", end, { once: true });
    return () => document.removeEventListener("pointermove", end);
  });
  return isOver;
}
