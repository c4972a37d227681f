import { type FileWithPath, fromEvent } from "file-selector";
import { partsOf } from "./paths.ts";

/** A file on its way into the machine. */
export interface Incoming {
  readonly file: File;
  /** The folders that it was in, and its name. */
  readonly parts: readonly string[];
}

/**
 * The files of a drop, with those in its folders, or of a file chooser. To be called while the event is handled. Folders with nothing in them are not
 * among them: browsers do not tell.
 */
export async function incomingOf(event: Event): Promise<Incoming[]> {
  const files = await fromEvent(event);
  return files.flatMap((file) => {
    if (!(file instanceof File)) return [];
    const parts = partsOf((file as FileWithPath).relativePath);
    return parts ? [{ file, parts }] : [];
  });
}
