/* Little-endian fields, and a reader that never goes past the end of a payload. */
#ifndef FIELDS_H
#define FIELDS_H
#include <stddef.h>
#include <stdint.h>

static inline uint16_t get_u16(const uint8_t *p) {
  return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t get_u32(const uint8_t *p) {
  return get_u16(p) | (uint32_t)get_u16(p + 2) << 16;
}

static inline uint64_t get_u64(const uint8_t *p) {
  return get_u32(p) | (uint64_t)get_u32(p + 4) << 32;
}

static inline void put_u16(uint8_t *p, uint16_t value) {
  p[0] = (uint8_t)value;
  p[1] = (uint8_t)(value >> 8);
}

static inline void put_u32(uint8_t *p, uint32_t value) {
  put_u16(p, (uint16_t)value);
  put_u16(p + 2, (uint16_t)(value >> 16));
}

static inline void put_u64(uint8_t *p, uint64_t value) {
  put_u32(p, (uint32_t)value);
  put_u32(p + 4, (uint32_t)(value >> 32));
}

/* Reads fields in order. After a field that is not there, `broken` stays set and every field reads as 0. */
struct reader {
  uint8_t *at;
  size_t left;
  int broken;
};

uint16_t read_u16(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);

/*
 * A string (u32 length, bytes without NUL) as a C string, made in place: the bytes are moved over their own length field.
 * NULL when it is not there or has a NUL.
 */
char *read_string(struct reader *reader);

#endif
