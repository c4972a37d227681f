import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Gzip } from "../bytes/index.ts";

const pack = promisify<Uint8Array, { readonly level: number }, Uint8Array>(gzip);
/** See docs/snapshots.md for what was measured. */
const LEVEL = 3;

/** Packs beside the thread that asks. WHY a copy: zlib's result may be a part of a larger buffer, which cannot be handed over. */
export const zlibGzip: Gzip = async (bytes) => new Uint8Array(await pack(bytes, { level: LEVEL }));
