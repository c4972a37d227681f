/*
 * Runs the codec or the request parser over records from stdin and prints what they say, for image/test/agent-codec.test.ts.
 * A record: u32 length, u32 seed, bytes. Seed 0: one piece; otherwise pieces whose sizes follow from the seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../fields.h"
#include "../spawn_request.h"
#include "../wire_codec.h"

static void print_hex(const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; i++) printf("%02x", bytes[i]);
}

static void decode_piece(struct wire_decoder *decoder, const uint8_t *bytes, size_t size) {
  /* A copy of exactly this size, so that the address sanitizer sees a read past its end. */
  uint8_t *copy = malloc(size);
  if (!copy) abort();
  memcpy(copy, bytes, size);
  const uint8_t *at = copy;
  size_t left = size;
  struct wire_frame frame;
  while (wire_decode(decoder, &at, &left, &frame)) {
    uint8_t header[WB_HEADER_SIZE];
    wire_encode_header(header, frame.type, frame.flags, frame.channel, frame.length);
    printf("frame %u %u %u %llu ", frame.type, frame.flags, frame.channel, (unsigned long long)frame.skipped);
    print_hex(header, sizeof header);
    printf(" ");
    print_hex(frame.payload, frame.length);
    printf("\n");
  }
  if (left) abort();
  free(copy);
}

static void decode(const uint8_t *bytes, size_t size, uint32_t seed) {
  struct wire_decoder *decoder = calloc(1, sizeof *decoder);
  if (!decoder) abort();
  for (size_t at = 0; at < size;) {
    size_t piece = size - at;
    if (seed) {
      seed = seed * 1664525u + 1013904223u;
      size_t wanted = 1 + (seed >> 16) % (seed & 0x8000 ? 7 : 5000);
      if (seed & 0x4000) wanted = 1;
      if (wanted < piece) piece = wanted;
    }
    decode_piece(decoder, bytes + at, piece);
    at += piece;
  }
  printf("end %llu %zu\n", (unsigned long long)decoder->dropped, wire_decoder_tail(decoder));
  free(decoder);
}

static void print_strings(const char *name, char **strings, uint32_t count) {
  printf(" %s", name);
  for (uint32_t i = 0; i < count; i++) {
    printf(" ");
    print_hex((const uint8_t *)strings[i], strlen(strings[i]));
  }
}

static void parse(uint8_t *bytes, size_t size) {
  struct spawn_request request;
  int error = spawn_request_parse(&request, bytes, size);
  if (error) {
    printf("error %d\n", error);
  } else {
    printf("request %u %u %u %u %u %zu %zu", request.flags, request.columns, request.rows, request.stdout_credit,
           request.stderr_credit, strlen(request.user), strlen(request.cwd));
    print_strings("argv", request.argv, request.argc);
    print_strings("env", request.env, request.envc);
    printf("\n");
  }
  spawn_request_free(&request);
}

int main(int argc, char **argv) {
  int requests = argc > 1 && strcmp(argv[1], "requests") == 0;
  uint8_t head[8];
  while (fread(head, 1, sizeof head, stdin) == sizeof head) {
    size_t size = get_u32(head);
    uint8_t *bytes = malloc(size ? size : 1);
    if (!bytes || fread(bytes, 1, size, stdin) != size) abort();
    if (requests) parse(bytes, size);
    else decode(bytes, size, get_u32(head + 4));
    free(bytes);
  }
  return 0;
}
