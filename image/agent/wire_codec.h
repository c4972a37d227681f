/* Frames of the guest link, see docs/guest-link.md. Pure: no system calls, no memory of its own beyond one frame. */
#ifndef WIRE_CODEC_H
#define WIRE_CODEC_H
#include <stddef.h>
#include <stdint.h>
#include "wire.gen.h"

struct wire_frame {
  uint8_t type;
  uint8_t flags;
  uint16_t length;
  uint32_t channel;
  const uint8_t *payload; /* valid until the next call of the decoder */
  uint64_t skipped;       /* bytes dropped just before this frame */
};

/* Zero-initialised: ready. */
struct wire_decoder {
  uint8_t buffer[WB_MAX_FRAME];
  size_t start; /* first byte not yet decoded */
  size_t end;   /* one past the last byte received */
  uint64_t dropped;          /* in all */
  uint64_t reported_dropped; /* part of `dropped` already told by a frame's `skipped` */
};

/*
 * Takes bytes from *data (moving it on) until a frame is whole: then fills *frame and returns 1. Returns 0 when all bytes are
 * taken and no frame is whole. A header is judged when all its 12 bytes are there; a wrong one costs exactly one byte.
 */
int wire_decode(struct wire_decoder *decoder, const uint8_t **data, size_t *size, struct wire_frame *frame);

/* Bytes held that are neither part of a whole frame nor dropped. */
size_t wire_decoder_tail(const struct wire_decoder *decoder);

/* Writes the header of a frame whose payload of `length` (at most WB_MAX_PAYLOAD) bytes stands at out + WB_HEADER_SIZE. */
void wire_encode_header(uint8_t *out, uint8_t type, uint8_t flags, uint32_t channel, uint16_t length);

/* CRC-16/CCITT-FALSE. */
uint16_t wire_crc16(const uint8_t *data, size_t size);

#endif
