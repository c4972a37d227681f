#include "fields.h"
#include <string.h>

/* The next `size` bytes, or NULL. */
static uint8_t *take(struct reader *reader, size_t size) {
  if (reader->broken || size > reader->left) {
    reader->broken = 1;
    return NULL;
  }
  uint8_t *at = reader->at;
  reader->at += size;
  reader->left -= size;
  return at;
}

uint16_t read_u16(struct reader *reader) {
  const uint8_t *at = take(reader, 2);
  return at ? get_u16(at) : 0;
}

uint32_t read_u32(struct reader *reader) {
  const uint8_t *at = take(reader, 4);
  return at ? get_u32(at) : 0;
}

uint64_t read_u64(struct reader *reader) {
  const uint8_t *at = take(reader, 8);
  return at ? get_u64(at) : 0;
}

char *read_string(struct reader *reader) {
  uint8_t *text = take(reader, 4);
  if (!text) return NULL;
  size_t length = get_u32(text);
  const uint8_t *bytes = take(reader, length);
  if (!bytes) return NULL;
  if (memchr(bytes, 0, length)) {
    reader->broken = 1;
    return NULL;
  }
  memmove(text, bytes, length);
  text[length] = 0;
  return (char *)text;
}
