export { ArtefactLoader, type LoaderOptions } from "./artefact-loader.ts";
export { browserChunkCache, type ChunkCache } from "./chunk-cache.ts";
export { ChunkSource } from "./chunk-source.ts";
export { type ChunkTable, parseChunkTable } from "./chunk-table.ts";
export { BLOCK_SIZE, CowDisk } from "./cow-disk.ts";
export { type ImageDisk, type ImageFile, type ImageManifest, parseImageManifest } from "./manifest.ts";
export { fetchTransport, type Transport, type TransportResponse } from "./transport.ts";
