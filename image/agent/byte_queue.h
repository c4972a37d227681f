/* A queue of bytes in small blocks: it takes memory for bytes that have come, never for bytes announced. */
#ifndef BYTE_QUEUE_H
#define BYTE_QUEUE_H
#include <stddef.h>
#include <stdint.h>

struct byte_block;

/* Zero-initialised: empty. */
struct byte_queue {
  struct byte_block *first, *last;
  size_t size;
};

/* 0, or -1 when there is no memory; then nothing was added. */
int byte_queue_add(struct byte_queue *queue, const uint8_t *bytes, size_t size);
/* The bytes at the front that lie together; their number in *size, 0 when empty. */
const uint8_t *byte_queue_front(const struct byte_queue *queue, size_t *size);
/* Drops bytes that byte_queue_front has shown. */
void byte_queue_drop(struct byte_queue *queue, size_t size);
void byte_queue_clear(struct byte_queue *queue);

#endif
