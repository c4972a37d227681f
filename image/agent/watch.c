#include "watch.h"
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "log.h"

enum { MOST_EVENTS = 32 };

static int epoll_fd = -1;

void watch_setup(void) {
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) die("epoll_create1");
}

void watch_init(struct watch *watch, int fd, enum watch_kind kind, struct channel *channel) {
  *watch = (struct watch){.fd = fd, .kind = kind, .channel = channel, .events = WATCH_NOTHING};
}

void watch_for(struct watch *watch, int64_t events) {
  if (watch->fd < 0 || watch->events == events) return;
  struct epoll_event event = {.events = (uint32_t)events, .data.ptr = watch};
  int operation = EPOLL_CTL_MOD;
  if (events == WATCH_NOTHING) operation = EPOLL_CTL_DEL;
  else if (watch->events == WATCH_NOTHING) operation = EPOLL_CTL_ADD;
  /* Only memory can be lacking; the agent would wait for ever, so it starts anew instead. */
  if (epoll_ctl(epoll_fd, operation, watch->fd, &event) != 0) die("epoll_ctl");
  watch->events = events;
}

void watch_close(struct watch *watch) {
  /* WHY not by closing alone: a process just started may have its copy for a moment longer, and events would go on coming. */
  watch_for(watch, WATCH_NOTHING);
  if (watch->fd >= 0) close(watch->fd);
  watch->fd = -1;
  watch->events = WATCH_NOTHING;
}

int watch_wait(struct ready *ready, int limit, int timeout_ms) {
  struct epoll_event events[MOST_EVENTS];
  int count = epoll_wait(epoll_fd, events, limit < MOST_EVENTS ? limit : MOST_EVENTS, timeout_ms);
  if (count < 0 && errno != EINTR) die("epoll_wait");
  for (int i = 0; i < count; i++) ready[i] = (struct ready){events[i].data.ptr, events[i].events};
  return count < 0 ? 0 : count;
}
