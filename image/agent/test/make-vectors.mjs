// Makes runtime-sdk/wire/vectors.json, which the codecs of both languages are tested against. What a vector expects follows
// from how its input is put together, not from a decoder.
//
// The rule: a position is judged when 12 bytes are there. With a valid header it is the start of a frame, otherwise exactly
// one byte is dropped. What is left at the end, an incomplete frame or fewer than 12 bytes, is neither a frame nor dropped:
// it is the tail. The result never depends on the pieces in which the bytes arrive.
import { writeFileSync } from "node:fs";

const MAX_PAYLOAD = 4084;

function crc16(bytes) {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** A header with a CRC that fits whatever `length` says, then the payload. */
function raw(type, flags, channel, length, payload) {
  const header = Buffer.alloc(12);
  header.set([0x57, 0xb7, type, flags]);
  header.writeUInt32LE(channel, 4);
  header.writeUInt16LE(length, 8);
  header.writeUInt16LE(crc16(header.subarray(0, 10)), 10);
  return Buffer.concat([header, payload]);
}

const frame = (type, flags, channel, payload = Buffer.alloc(0)) => ({
  bytes: raw(type, flags, channel, payload.length, payload),
  frame: { type, flags, channel, payloadHex: payload.toString("hex") },
});
const dropped = (...bytes) => ({ bytes: Buffer.from(bytes), dropped: bytes.length });
const droppedBytes = (bytes) => ({ bytes, dropped: bytes.length });
const tail = (bytes) => ({ bytes, tail: bytes.length });

const pong = frame(130, 0, 0, Buffer.from([1, 2, 3, 4, 5, 6, 7, 8]));
const empty = frame(18, 0, 1);
const full = frame(145, 0, 7, Buffer.from(Array.from({ length: MAX_PAYLOAD }, (_, i) => (i * 7 + (i >> 8)) & 0xff)));
const pattern = Buffer.from(Array.from({ length: 300 }, (_, i) => i & 0x3f));
const wrongCrc = Buffer.from(pong.bytes);
wrongCrc[11] ^= 0x01;
const wrongLengthBit = Buffer.from(full.bytes.subarray(0, 32));
wrongLengthBit[9] ^= 0x10;
const inside = frame(145, 0, 3, Buffer.concat([Buffer.from([0x57, 0xb7]), pong.bytes, Buffer.from([0x57])]));

const vectors = {
  nothing: [],
  "an empty payload": [empty],
  "the longest payload": [full],
  "the highest channel and all flag bits": [frame(17, 0xff, 0xffffffff, Buffer.from("stdin"))],
  "several frames at once": [empty, pong, full, empty, pong],
  "a request in parts": [frame(16, 1, 9, pattern), frame(16, 1, 9, pattern), frame(16, 0, 9, Buffer.from([0]))],
  "unknown types are frames": [frame(0, 0, 0), frame(99, 0, 5, Buffer.from("?")), frame(255, 128, 1)],
  "garbage before": [dropped(0, 1, 2, 3, 255, 254), pong],
  "garbage between": [pong, droppedBytes(pattern), empty],
  "garbage after, judged as far as 12 bytes reach": [
    pong,
    droppedBytes(Buffer.alloc(9, 0x11)),
    tail(Buffer.alloc(11, 0x11)),
  ],
  "fewer bytes than a header": [tail(Buffer.from([9, 9, 9]))],
  "magic in garbage": [dropped(0x57, 0xb7, 0x57, 0x57, 0xb7, 0xb7, 0x57), pong],
  "half a magic before a frame": [dropped(0x57), pong],
  "a magic alone before a frame": [dropped(0x57, 0xb7), empty, dropped(0x57, 0xb7), pong],
  "a wrong CRC": [droppedBytes(wrongCrc), pong],
  "a damaged length": [droppedBytes(wrongLengthBit), pong],
  "a length of 4085 with a valid CRC": [droppedBytes(raw(145, 0, 1, 4085, Buffer.alloc(0))), pong],
  "a length of 65535 with a valid CRC": [droppedBytes(raw(145, 0, 1, 65535, Buffer.alloc(0))), empty, pong],
  "a length of 4085 with all its bytes": [droppedBytes(raw(145, 0, 1, 4085, Buffer.alloc(4085, 0x20))), pong],
  "a frame inside a payload is payload": [inside, empty],
  "a frame cut off by garbage takes what follows as its payload": [
    {
      bytes: raw(145, 0, 2, 40, Buffer.concat([Buffer.from("only part"), empty.bytes, Buffer.alloc(19, 0x33)])),
      frame: {
        type: 145,
        flags: 0,
        channel: 2,
        payloadHex: Buffer.concat([Buffer.from("only part"), empty.bytes, Buffer.alloc(19, 0x33)]).toString("hex"),
      },
    },
    pong,
  ],
  "cut off in the header": [pong, tail(full.bytes.subarray(0, 11))],
  "cut off after the header": [pong, tail(full.bytes.subarray(0, 12))],
  "cut off in the payload": [pong, tail(full.bytes.subarray(0, 4095))],
  "cut off after garbage": [dropped(1, 2, 3), empty, dropped(0xb7), tail(inside.bytes.subarray(0, 20))],
};

const rows = Object.entries(vectors).map(([name, parts]) => ({
  name,
  hex: Buffer.concat(parts.map((part) => part.bytes)).toString("hex"),
  frames: parts.flatMap((part) => (part.frame ? [part.frame] : [])),
  dropped: parts.reduce((sum, part) => sum + (part.dropped ?? 0), 0),
  tail: parts.reduce((sum, part) => sum + (part.tail ?? 0), 0),
}));
const out = new URL("../../../runtime-sdk/wire/vectors.json", import.meta.url);
writeFileSync(out, `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(",\n")}\n]\n`);
