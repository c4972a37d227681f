import { type Incoming, incomingOf } from "./incoming.ts";

/** Opens the browser's chooser for files, or for a folder. To be called in the handling of a click. Resolves to `null` when nothing was chosen. */
export function chooseFiles(kind: "files" | "folder"): Promise<Incoming[] | null> {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = kind === "files";
  input.webkitdirectory = kind === "folder";
  return new Promise((resolve, reject) => {
    input.addEventListener("change", (event) => incomingOf(event).then(resolve, reject));
    input.addEventListener("cancel", () => resolve(null));
    input.click();
  });
}
