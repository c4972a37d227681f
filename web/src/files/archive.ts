import { createTarPacker } from "modern-tar";
import type { Incoming } from "./incoming.ts";

/** The files as a tar archive, read as the archive is. Fails as reading one of them does. */
export function archiveOf(files: readonly Incoming[]): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const fill = async () => {
    for (const { file, parts } of files) {
      const header = { name: parts.join("/"), size: file.size, mode: 0o644, mtime: new Date(file.lastModified) };
      await file.stream().pipeTo(controller.add(header));
    }
    controller.finalize();
  };
  // Who reads the archive gets the error.
  fill().catch((error) => controller.error(error));
  return readable;
}
