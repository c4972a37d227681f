#include <stdlib.h>
#include "channel.h"

enum { BUCKETS = 256 };

static struct channel *buckets[BUCKETS];
static struct channel *removed;
static unsigned count;

static struct channel **bucket(uint32_t id) {
  return &buckets[id % BUCKETS];
}

struct channel *channel_find(uint32_t id) {
  struct channel *channel = *bucket(id);
  /* A detached channel that is closed for the host has no number any more. */
  while (channel && (channel->id != id || channel->orphan || channel->state == CHANNEL_GONE)) channel = channel->next;
  return channel;
}

void channel_each(void (*visit)(struct channel *channel)) {
  for (int i = 0; i < BUCKETS; i++)
    for (struct channel *channel = buckets[i], *next; channel; channel = next) {
      next = channel->next;
      visit(channel);
    }
}

struct channel *channel_of_process(pid_t pid) {
  for (int i = 0; i < BUCKETS; i++)
    for (struct channel *channel = buckets[i]; channel; channel = channel->next)
      if (channel->state == CHANNEL_RUNNING && channel->pid == pid) return channel;
  return NULL;
}

unsigned channel_count(void) {
  return count;
}

struct channel *channel_add(uint32_t id) {
  struct channel *channel = calloc(1, sizeof *channel);
  if (!channel) return NULL;
  channel->id = id;
  watch_init(&channel->input.watch, -1, WATCH_STDIN, channel);
  watch_init(&channel->out.watch, -1, WATCH_STDOUT, channel);
  watch_init(&channel->err.watch, -1, WATCH_STDERR, channel);
  channel->next = *bucket(id);
  *bucket(id) = channel;
  count++;
  return channel;
}

void channel_remove(struct channel *channel) {
  struct channel **link = bucket(channel->id);
  while (*link != channel) link = &(*link)->next;
  *link = channel->next;
  channel->next = removed;
  removed = channel;
  count--;
  watch_close(&channel->input.watch);
  watch_close(&channel->out.watch);
  watch_close(&channel->err.watch);
  byte_queue_clear(&channel->input.queue);
  free(channel->request);
  channel->request = NULL;
}

void channel_sweep(void) {
  while (removed) {
    struct channel *next = removed->next;
    free(removed);
    removed = next;
  }
}
