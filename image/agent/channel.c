#include "channel.h"
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fields.h"
#include "input.h"
#include "link.h"
#include "output.h"

void channel_signal(struct channel *channel, int signal, int alone) {
  if (alone) {
    if (channel->state == CHANNEL_RUNNING) kill(channel->pid, signal);
    return;
  }
  pid_t foreground = channel->terminal && channel->out.watch.fd >= 0 ? tcgetpgrp(channel->out.watch.fd) : -1;
  /* Once the leader is reaped its number may be someone else's, unless its group lives on in the background. */
  if (channel->state == CHANNEL_RUNNING || getpgid(channel->pid) < 0) kill(-channel->pid, signal);
  if (foreground > 1 && foreground != channel->pid) kill(-foreground, signal);
}

static void send_exit(const struct channel *channel) {
  uint8_t *at = link_payload();
  int signaled = WIFSIGNALED(channel->status);
  at[0] = signaled ? WB_EXIT_SIGNALED : WB_EXIT_EXITED;
  at[1] = signaled && WCOREDUMP(channel->status);
  put_u16(at + 2, 0);
  put_u32(at + 4, (uint32_t)(signaled ? WTERMSIG(channel->status) : WEXITSTATUS(channel->status)));
  link_commit(WB_FRAME_EXIT, channel->id, 8);
}

void channel_reaped(struct channel *channel, int status) {
  channel->status = status;
  channel->state = CHANNEL_ENDED;
  output_owe(channel, &channel->out);
  output_owe(channel, &channel->err);
  channel_advance(channel);
}

void channel_advance(struct channel *channel) {
  int ended = channel->out.watch.fd < 0 && channel->err.watch.fd < 0;
  if (channel->state == CHANNEL_ENDED) {
    if (!channel->detached && (channel->out.owed || channel->err.owed)) return;
    if (!channel->orphan) send_exit(channel);
    channel->state = CHANNEL_EXITED;
  }
  if (channel->state == CHANNEL_EXITED && (ended || channel->detached)) {
    if (!channel->orphan) link_send(WB_FRAME_CLOSED, channel->id, NULL, 0);
    channel->state = CHANNEL_GONE;
  }
  if (channel->state == CHANNEL_GONE && ended) channel_remove(channel);
}

void channel_detach(struct channel *channel) {
  channel->detached = 1;
  if (!channel->terminal) input_end(channel);
  output_watch(channel, &channel->out);
  output_watch(channel, &channel->err);
  channel_advance(channel);
}

void channel_orphan(struct channel *channel) {
  channel->orphan = 1;
  channel_detach(channel);
}
