export { gunzipExactly, gunzipPieces, Unpacker } from "./gunzip.ts";
export type { Gzip } from "./gzip.ts";
export { otherTasks } from "./other-tasks.ts";
export { sha256Hex, sha256OfPieces } from "./sha256.ts";
export { packRecord, type StateRecord, unpackRecord } from "./state-record.ts";
