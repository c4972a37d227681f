/** A capture file as `tcpdump` and Wireshark read it (libpcap's format, nanoseconds). */
import { completeChecksum } from "../packet/card-header.ts";
import { ETHERNET_AT, type Packet } from "../packet/packet.ts";

const MAGIC_NANOSECONDS = 0xa1b23c4d;
const LINKTYPE_ETHERNET = 1;
const SNAP_LENGTH = 262144;

/** What a capture file begins with. */
export function captureHeader(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC_NANOSECONDS, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAP_LENGTH, true);
  view.setUint32(20, LINKTYPE_ETHERNET, true);
  return bytes;
}

/** A packet as a record of a capture file, with the checksum that its card would have put in. @param nowMs Since 1970. */
export function captureRecord(packet: Packet, nowMs: number): Uint8Array<ArrayBuffer> {
  const size = packet.byteLength - ETHERNET_AT;
  const bytes = new Uint8Array(16 + size);
  const view = new DataView(bytes.buffer);
  const ms = Math.floor(nowMs);
  view.setUint32(0, Math.floor(ms / 1000), true);
  view.setUint32(4, (ms % 1000) * 1_000_000 + Math.floor((nowMs - ms) * 1_000_000), true);
  view.setUint32(8, size, true);
  view.setUint32(12, size, true);
  bytes.set(completeChecksum(packet).subarray(ETHERNET_AT), 16);
  return bytes;
}
