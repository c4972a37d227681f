import { httpAccess, type RandomAccess } from "./random-access.ts";

/** What a transport found at an address. */
export interface TransportResponse {
  /** HTTP status; 200 for a file that was found, 404 for one that was not. */
  readonly status: number;
  readonly body: ReadableStream<Uint8Array> | null;
}

/** Gets files by address. One for the web, one for the file system. */
export interface Transport {
  /**
   * @param fresh Go around caches: what they held was damaged.
   * @throws when there is no answer at all.
   */
  get(url: string, options: { readonly signal: AbortSignal; readonly fresh: boolean }): Promise<TransportResponse>;
  /** Opens a file for reads at any place. @throws ArtefactMissingError, or when there is no answer at all. */
  open(url: string, signal: AbortSignal): Promise<RandomAccess>;
}

/** The web, by fetch. */
export const fetchTransport: Transport = {
  async get(url, { signal, fresh }) {
    const response = await fetch(url, { signal, cache: fresh ? "reload" : "default", credentials: "same-origin" });
    return { status: response.status, body: response.body };
  },
  open: httpAccess,
};
