#include "reply.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "fields.h"

enum { FLUSH_FROM = 64 * 1024, MESSAGE_ROOM = WB_FILE_HEADER_SIZE + WB_FILE_LIMIT_MESSAGE_BYTES, TEXT_BYTES = 512 };

static uint8_t output[FLUSH_FROM + MESSAGE_ROOM];
static size_t output_size;

void reply_flush(void) {
  for (size_t at = 0; at < output_size;) {
    ssize_t put = write(STDOUT_FILENO, output + at, output_size - at);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) _exit(1);
    at += (size_t)put;
  }
  output_size = 0;
}

uint8_t *reply_begin(size_t most) {
  if (sizeof output - output_size < WB_FILE_HEADER_SIZE + most) reply_flush();
  return output + output_size + WB_FILE_HEADER_SIZE;
}

void reply_end(uint32_t id, int flags, int error, size_t length) {
  uint8_t *head = output + output_size;
  put_u32(head, (uint32_t)length);
  put_u32(head + 4, id);
  put_u16(head + 8, (uint16_t)flags);
  put_u16(head + 10, (uint16_t)error);
  output_size += WB_FILE_HEADER_SIZE + length;
  if (output_size >= FLUSH_FROM) reply_flush();
}

void reply_done(uint32_t id) {
  reply_begin(0);
  reply_end(id, 0, 0, 0);
}

void reply_error(uint32_t id, int error, const char *what) {
  char *at = (char *)reply_begin(TEXT_BYTES);
  int length = snprintf(at, TEXT_BYTES, "%.400s%s%s", what ? what : "", what ? ": " : "", strerror(error));
  reply_end(id, 0, error, length < TEXT_BYTES ? (size_t)length : TEXT_BYTES - 1);
}

uint8_t *put_string(uint8_t *at, const char *text, size_t length) {
  put_u32(at, (uint32_t)length);
  memcpy(at + 4, text, length);
  return at + 4 + length;
}
