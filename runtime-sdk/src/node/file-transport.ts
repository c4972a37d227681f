import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { fetchTransport, type Transport } from "../disk/index.ts";
import { ArtefactMissingError } from "../errors/index.ts";

/** Files by their `file:` address, everything else from the web. A missing file is a 404. */
export const fileTransport: Transport = {
  async get(url, options) {
    if (!url.startsWith("file:")) return fetchTransport.get(url, options);
    try {
      const file = await open(fileURLToPath(url));
      // WHY not the handle's own web stream: it leaves the file open when the reader is done.
      const body = Readable.toWeb(file.createReadStream({ autoClose: true })) as ReadableStream<Uint8Array>;
      return { status: 200, body };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return { status: 404, body: null };
      throw error;
    }
  },
  async open(url, signal) {
    if (!url.startsWith("file:")) return fetchTransport.open(url, signal);
    const handle = await open(fileURLToPath(url)).catch((cause: NodeJS.ErrnoException) => {
      throw new ArtefactMissingError(url, cause.code === "ENOENT" ? 404 : null, cause);
    });
    // The handle is open for as long as the machine's thread lives.
    return {
      size: (await handle.stat()).size,
      read: async (offset, length) => {
        const { buffer, bytesRead } = await handle.read(new Uint8Array(length), 0, length, offset);
        return buffer.subarray(0, bytesRead);
      },
    };
  },
};
