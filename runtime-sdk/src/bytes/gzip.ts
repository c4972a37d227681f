/** Packs bytes with gzip; what it gives has a buffer of its own. */
export type Gzip = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>;
