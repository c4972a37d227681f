/** NTP (RFC 5905): the time of the computer that the machine runs on. */
import { setU32 } from "../packet/packet.ts";

export const NTP_PORT = 123;
const SIZE = 48;
const MODE_CLIENT = 3;
const MODE_SERVER = 4;
/** Seconds from 1900 to 1970. */
const ERA = 2208988800;

/** The answer to a client; `null` for what is not one's question. @param nowMs Since 1970. */
export function answerNtp(request: Uint8Array, nowMs: number): Uint8Array | null {
  const first = request[0] ?? 0;
  if (request.byteLength < SIZE || (first & 7) !== MODE_CLIENT) return null;
  const reply = new Uint8Array(SIZE);
  reply[0] = (first & 0x38) | MODE_SERVER;
  // Stratum 3: how good that computer's clock is, nobody here knows. Precision 2^-10 s.
  reply[1] = 3;
  reply[2] = request[2] as number;
  reply[3] = 0xf6;
  setU32(reply, 8, 0x0000_0a00);
  setU32(reply, 12, 0x7f00_0001);
  writeTime(reply, 16, nowMs);
  reply.set(request.subarray(40, 48), 24);
  writeTime(reply, 32, nowMs);
  writeTime(reply, 40, nowMs);
  return reply;
}

function writeTime(bytes: Uint8Array, at: number, ms: number): void {
  setU32(bytes, at, (Math.floor(ms / 1000) + ERA) % 2 ** 32);
  setU32(bytes, at + 4, Math.floor(((ms % 1000) / 1000) * 2 ** 32));
}
