import { ArtefactDamagedError, ArtefactMissingError } from "../errors/index.ts";

/** Something that can be read at any place. */
export interface RandomAccess {
  /** Bytes in all. */
  readonly size: number;
  /** Reads `length` bytes, less only at the end. */
  read(offset: number, length: number, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** A Blob or a File; the platform reads of it what is asked for. */
export function blobAccess(blob: Blob): RandomAccess {
  return {
    size: blob.size,
    read: async (offset, length) => new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer()),
    close: async () => {},
  };
}

/** A file on the web, by HTTP range requests (RFC 9110, section 14); fetched whole from a server that knows none. */
export async function httpAccess(url: string, signal: AbortSignal): Promise<RandomAccess> {
  // WHY two bytes: common servers take an end of 0 for no end.
  const first = await get(url, "bytes=0-1", signal);
  if (first.status === 200) return blobAccess(await first.blob());
  const size = Number(/^bytes 0-\d+\/(\d+)$/.exec(first.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);
  await first.body?.cancel();
  if (first.status !== 206) throw new ArtefactMissingError(url, first.status);
  if (!Number.isSafeInteger(size)) throw new ArtefactDamagedError(url, "a Content-Range with a length", "none");
  return {
    size,
    read: async (offset, length, readSignal) => {
      const response = await get(url, `bytes=${offset}-${offset + length - 1}`, readSignal);
      if (response.status !== 206) throw new ArtefactMissingError(url, response.status);
      return new Uint8Array(await response.arrayBuffer());
    },
    close: async () => {},
  };
}

function get(url: string, range: string, signal: AbortSignal): Promise<Response> {
  // WHY no-store: caches keep answers to ranges badly, and a disk is read once.
  return fetch(url, { headers: { range }, signal, cache: "no-store", credentials: "same-origin" });
}
