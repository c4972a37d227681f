import * as fs from "node:fs";
import { open } from "node:fs/promises";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fetchTransport, type Transport } from "../disk/index.ts";
import { ArtefactMissingError } from "../errors/index.ts";

const openDescriptor = promisify(fs.open);
const stat = promisify(fs.fstat);
const read = promisify(fs.read);
const close = promisify(fs.close);

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
    // WHY a bare descriptor: Node closes it when the machine's thread ends, however that happens.
    const file = await openDescriptor(fileURLToPath(url), "r").catch((cause: NodeJS.ErrnoException) => {
      throw new ArtefactMissingError(url, cause.code === "ENOENT" ? 404 : null, cause);
    });
    const { size } = await stat(file);
    return {
      size,
      read: async (offset, length) => {
        const bytes = new Uint8Array(length);
        const { bytesRead } = await read(file, bytes, 0, length, offset);
        return bytes.subarray(0, bytesRead);
      },
      close: () => close(file),
    };
  },
};
