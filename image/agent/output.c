#include "output.h"
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "link.h"

/* More than a terminal can hold on its way to us: the bound when background children never stop writing. */
enum { TERMINAL_BYTES = 32 * 1024 };

void output_open(struct output *output, int fd, uint8_t stream, uint32_t credit) {
  output->watch.fd = fd;
  output->stream = stream;
  output->frame = stream == WB_STREAM_STDOUT ? WB_FRAME_STDOUT : WB_FRAME_STDERR;
  output->credit = credit;
}

void output_set_credit(struct channel *channel, struct output *output, uint32_t credit) {
  output->credit = credit;
  output_watch(channel, output);
}

void output_add_credit(struct channel *channel, struct output *output, uint32_t amount) {
  output->credit = amount > UINT32_MAX - output->credit ? UINT32_MAX : output->credit + amount;
  output_watch(channel, output);
}

void output_watch(struct channel *channel, struct output *output) {
  int can_send = output->credit > 0 || channel->detached;
  int has_input = channel->terminal && channel->input.queue.size > 0;
  int64_t events = (can_send ? EPOLLIN : 0) | (has_input ? EPOLLOUT : 0);
  /* WHY: a hang-up is reported whether asked for or not, again and again. */
  if (output->quiet) events |= EPOLLET;
  if (output->hung_up && !can_send) events = WATCH_NOTHING;
  watch_for(&output->watch, events);
}

/* Whether all writers are gone; it also makes a terminal take in what is still on its way from the other side. */
static int settle(const struct output *output) {
  struct pollfd state = {.fd = output->watch.fd, .events = POLLIN};
  return poll(&state, 1, 0) > 0 && state.revents & (POLLHUP | POLLERR);
}

/* To be asked after settle(). */
static uint32_t unread_bytes(const struct output *output) {
  int count = 0;
  return ioctl(output->watch.fd, FIONREAD, &count) == 0 && count > 0 ? (uint32_t)count : 0;
}

void output_owe(struct channel *channel, struct output *output) {
  if (output->watch.fd < 0) return;
  settle(output);
  output->owed = unread_bytes(output);
  if (output->owed && channel->terminal) output->owed = TERMINAL_BYTES;
  output->quiet = 0;
  output_watch(channel, output);
}

static void end(struct channel *channel, struct output *output) {
  /*
   * WHY: closing a terminal hangs it up. A process that has closed its streams just before it exits would die of that, and one
   * may open its terminal again.
   */
  if (channel->terminal && channel->state == CHANNEL_RUNNING) {
    output->quiet = 1;
    output_watch(channel, output);
    return;
  }
  watch_close(&output->watch);
  output->owed = 0;
  if (!channel->detached) link_send(WB_FRAME_OUTPUT_EOF, channel->id, &output->stream, 1);
  channel_advance(channel);
}

/* An event came without credit: probably nobody can write any more. */
static void hang_up(struct channel *channel, struct output *output) {
  if (!settle(output)) return;
  if (unread_bytes(output) == 0) {
    end(channel, output);
    return;
  }
  output->hung_up = 1;
  output_watch(channel, output);
}

static void pay(struct channel *channel, struct output *output, uint32_t size) {
  output->owed = size < output->owed ? output->owed - size : 0;
  if (channel->terminal) {
    settle(output);
    if (unread_bytes(output) == 0) output->owed = 0;
  }
  if (output->owed == 0) channel_advance(channel);
}

static void forwarded(struct channel *channel, struct output *output, uint32_t size) {
  if (!channel->detached) {
    link_commit(output->frame, channel->id, size);
    output->credit -= size;
  }
  if (output->owed) pay(channel, output, size);
  if (output->credit > 0 || channel->detached) return;
  /* A hang-up that was noted is not told again. */
  if (output->hung_up) hang_up(channel, output);
  else output_watch(channel, output);
}

int output_turn(struct channel *channel, struct output *output) {
  uint32_t limit = WB_MAX_PAYLOAD;
  if (!channel->detached && output->credit < limit) limit = output->credit;
  if (limit == 0) {
    hang_up(channel, output);
    return 0;
  }
  ssize_t got;
  do got = read(output->watch.fd, link_payload(), limit);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got <= 0) {
    /* A terminal whose other side is closed fails with EIO. */
    end(channel, output);
    return 0;
  }
  if (output->quiet) {
    output->quiet = 0;
    output_watch(channel, output);
  }
  forwarded(channel, output, (uint32_t)got);
  return (uint32_t)got == limit && output->watch.fd >= 0 && (output->credit > 0 || channel->detached);
}
