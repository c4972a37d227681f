import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { fetchTransport, type Transport } from "../disk/index.ts";

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
};
