export { ArtefactLoader, type LoaderOptions } from "./artefact-loader.ts";
export type { BlockSource, Chunk } from "./block-source.ts";
export { browserChunkCache, type ChunkCache, type KeptChunks } from "./chunk-cache.ts";
export { ChunkSource } from "./chunk-source.ts";
export { type ChunkTable, parseChunkTable } from "./chunk-table.ts";
export { BLOCK_SIZE, CowDisk, type OwnBlocks } from "./cow-disk.ts";
export { LateSource } from "./late-source.ts";
export {
  type BaseShell,
  type BaseState,
  type ImageDisk,
  type ImageFile,
  type ImageManifest,
  ownManifest,
  parseImageManifest,
  type StateFile,
} from "./manifest.ts";
export { blobAccess, type RandomAccess } from "./random-access.ts";
export { RawDisk } from "./raw-disk.ts";
export { fetchTransport, type Transport, type TransportResponse } from "./transport.ts";
