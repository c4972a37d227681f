#include "wire_codec.h"
#include <string.h>
#include "fields.h"

enum { CRC_BYTES = 10, HEADER_INVALID = -1 };

uint16_t wire_crc16(const uint8_t *data, size_t size) {
  uint16_t crc = 0xffff;
  for (size_t i = 0; i < size; i++) {
    /* One step of eight bits at once, without a table: the polynomial is sparse. */
    uint8_t x = (uint8_t)((crc >> 8) ^ data[i]);
    x ^= (uint8_t)(x >> 4);
    crc = (uint16_t)((crc << 8) ^ (x << 12) ^ (x << 5) ^ x);
  }
  return crc;
}

void wire_encode_header(uint8_t *out, uint8_t type, uint8_t flags, uint32_t channel, uint16_t length) {
  out[0] = WB_MAGIC_0;
  out[1] = WB_MAGIC_1;
  out[2] = type;
  out[3] = flags;
  put_u32(out + 4, channel);
  put_u16(out + 8, length);
  put_u16(out + CRC_BYTES, wire_crc16(out, CRC_BYTES));
}

/* The payload's length, or HEADER_INVALID. */
static int judge_header(const uint8_t *header) {
  if (header[0] != WB_MAGIC_0 || header[1] != WB_MAGIC_1) return HEADER_INVALID;
  uint16_t length = get_u16(header + 8);
  if (length > WB_MAX_PAYLOAD || get_u16(header + CRC_BYTES) != wire_crc16(header, CRC_BYTES)) return HEADER_INVALID;
  return length;
}

/* Moves what is left to the front and fills up the buffer; returns 0 when there was nothing to take. */
static int take(struct wire_decoder *d, const uint8_t **data, size_t *size) {
  if (*size == 0) return 0;
  memmove(d->buffer, d->buffer + d->start, d->end - d->start);
  d->end -= d->start;
  d->start = 0;
  size_t count = sizeof d->buffer - d->end;
  if (count > *size) count = *size;
  memcpy(d->buffer + d->end, *data, count);
  d->end += count;
  *data += count;
  *size -= count;
  return 1;
}

int wire_decode(struct wire_decoder *d, const uint8_t **data, size_t *size, struct wire_frame *frame) {
  for (;;) {
    size_t have = d->end - d->start;
    const uint8_t *header = d->buffer + d->start;
    if (have < WB_HEADER_SIZE) {
      if (!take(d, data, size)) return 0;
      continue;
    }
    int length = judge_header(header);
    if (length == HEADER_INVALID) {
      d->start++;
      d->dropped++;
      continue;
    }
    if (have < WB_HEADER_SIZE + (size_t)length) {
      if (!take(d, data, size)) return 0;
      continue;
    }
    d->start += WB_HEADER_SIZE + (size_t)length;
    frame->type = header[2];
    frame->flags = header[3];
    frame->channel = get_u32(header + 4);
    frame->length = (uint16_t)length;
    frame->payload = header + WB_HEADER_SIZE;
    frame->skipped = d->dropped - d->reported_dropped;
    d->reported_dropped = d->dropped;
    return 1;
  }
}

size_t wire_decoder_tail(const struct wire_decoder *decoder) {
  return decoder->end - decoder->start;
}
