#include "byte_queue.h"
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 4096 };

struct byte_block {
  struct byte_block *next;
  uint16_t start, end;
  uint8_t bytes[BLOCK_BYTES];
};

int byte_queue_add(struct byte_queue *queue, const uint8_t *bytes, size_t size) {
  size_t room = queue->last ? BLOCK_BYTES - queue->last->end : 0;
  struct byte_block *fresh = NULL;
  /* One new block is enough for a frame; more never come at once. */
  if (size > room + BLOCK_BYTES) return -1;
  if (size > room) {
    fresh = malloc(sizeof *fresh);
    if (!fresh) return -1;
    fresh->next = NULL;
    fresh->start = fresh->end = 0;
  }
  size_t here = size < room ? size : room;
  if (here) {
    memcpy(queue->last->bytes + queue->last->end, bytes, here);
    queue->last->end = (uint16_t)(queue->last->end + here);
  }
  if (fresh) {
    memcpy(fresh->bytes, bytes + here, size - here);
    fresh->end = (uint16_t)(size - here);
    if (queue->last) queue->last->next = fresh;
    else queue->first = fresh;
    queue->last = fresh;
  }
  queue->size += size;
  return 0;
}

const uint8_t *byte_queue_front(const struct byte_queue *queue, size_t *size) {
  const struct byte_block *block = queue->first;
  *size = block ? (size_t)(block->end - block->start) : 0;
  return block ? block->bytes + block->start : NULL;
}

void byte_queue_drop(struct byte_queue *queue, size_t size) {
  struct byte_block *block = queue->first;
  block->start = (uint16_t)(block->start + size);
  queue->size -= size;
  if (block->start < block->end) return;
  queue->first = block->next;
  if (!queue->first) queue->last = NULL;
  free(block);
}

void byte_queue_clear(struct byte_queue *queue) {
  for (struct byte_block *block = queue->first; block;) {
    struct byte_block *next = block->next;
    free(block);
    block = next;
  }
  *queue = (struct byte_queue){0};
}
