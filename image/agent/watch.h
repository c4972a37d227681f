/* File descriptors that the agent waits for. */
#ifndef WATCH_H
#define WATCH_H
#include <stdint.h>

struct channel;

enum watch_kind { WATCH_LINK, WATCH_SIGNALS, WATCH_STDIN, WATCH_STDOUT, WATCH_STDERR };

/* A watch that an event points to must stay in memory until the events of that turn are over. */
struct watch {
  int fd; /* -1: closed */
  enum watch_kind kind;
  struct channel *channel;
  int64_t events; /* registered events, or WATCH_NOTHING */
};

enum { WATCH_NOTHING = -1 };

void watch_setup(void);
void watch_init(struct watch *watch, int fd, enum watch_kind kind, struct channel *channel);
/* Waits for `events` (0: only for errors and hang-ups) or, with WATCH_NOTHING, not at all. */
void watch_for(struct watch *watch, int64_t events);
void watch_close(struct watch *watch);

struct ready {
  struct watch *watch;
  uint32_t events;
};

/* Waits and fills `ready`; returns how many. The kernel hands out those that wait longest first. */
int watch_wait(struct ready *ready, int limit, int timeout_ms);

#endif
