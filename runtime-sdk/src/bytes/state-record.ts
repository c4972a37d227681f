import { gunzipExactly } from "./gunzip.ts";
import type { Gzip } from "./gzip.ts";

/** A piece of a saved machine: its devices, or a pack of pages of its memory or disk. */
export interface StateRecord {
  /** Number of the pack; 0 for the devices, and for what is in no store. */
  readonly serial: number;
  /** Bytes when unpacked. */
  readonly rawBytes: number;
  /** `bytes` is packed with gzip. */
  readonly gzip: boolean;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** `gzip`: null leaves it as it is. */
export async function packRecord(
  serial: number,
  raw: Uint8Array<ArrayBuffer>,
  gzip: Gzip | null,
): Promise<StateRecord> {
  return { serial, rawBytes: raw.byteLength, gzip: gzip !== null, bytes: gzip ? await gzip(raw) : raw };
}

/** @throws RangeError when it is not what it says. */
export async function unpackRecord(record: StateRecord): Promise<Uint8Array<ArrayBuffer>> {
  if (record.gzip) return gunzipExactly(record.bytes, record.rawBytes);
  if (record.bytes.byteLength !== record.rawBytes)
    throw new RangeError(`${record.bytes.byteLength} bytes instead of ${record.rawBytes}`);
  return record.bytes;
}
