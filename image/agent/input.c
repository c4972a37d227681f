#include "input.h"
#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "link.h"
#include "output.h"
#include "terminal.h"

/* End-of-file characters that may wait in a terminal's queue: they come out of no window. */
enum { MOST_WAITING_ENDS = 256 };

void input_open(struct channel *channel, int fd, uint32_t window) {
  struct input *input = &channel->input;
  input->watch.fd = fd;
  input->window = input->credit = window;
}

static int input_fd(const struct channel *channel) {
  return channel->terminal ? channel->out.watch.fd : channel->input.watch.fd;
}

static void give_credit(struct channel *channel) {
  struct input *input = &channel->input;
  uint64_t taken = (uint64_t)input->credit + input->queue.size;
  if (channel->detached || input->window <= taken) return;
  uint32_t freed = (uint32_t)(input->window - taken);
  if (freed < input->window / 4 && input->queue.size > 0) return;
  input->credit += freed;
  link_send_u32(WB_FRAME_STDIN_CREDIT, channel->id, freed);
}

/* Writes until the process takes no more. Returns what it took; sets `broken` when nobody reads. */
static size_t write_bytes(struct channel *channel, const uint8_t *bytes, size_t size) {
  size_t done = 0;
  int fd = input_fd(channel);
  while (done < size && !channel->input.broken) {
    ssize_t put = fd < 0 ? (errno = EPIPE, -1) : write(fd, bytes + done, size - done);
    if (put > 0) done += (size_t)put;
    else if (put < 0 && errno == EINTR) continue;
    else if (put == 0 || errno == EAGAIN) break;
    else channel->input.broken = 1;
  }
  return channel->input.broken ? size : done;
}

static void watch_input(struct channel *channel) {
  struct input *input = &channel->input;
  if (channel->terminal) output_watch(channel, &channel->out);
  else watch_for(&input->watch, input->queue.size ? EPOLLOUT : WATCH_NOTHING);
}

void input_turn(struct channel *channel) {
  struct input *input = &channel->input;
  size_t size;
  const uint8_t *bytes;
  while ((bytes = byte_queue_front(&input->queue, &size)) && size > 0) {
    size_t done = write_bytes(channel, bytes, size);
    byte_queue_drop(&input->queue, done);
    if (done < size) break;
  }
  if (input->queue.size == 0 && !channel->terminal && (input->end_wanted || input->broken)) watch_close(&input->watch);
  watch_input(channel);
  give_credit(channel);
}

static void overrun(struct channel *channel, uint32_t excess, const char *text) {
  link_error(channel->id, WB_ERR_CREDIT_OVERRUN, excess, text);
  channel->input.broken = 1;
  byte_queue_clear(&channel->input.queue);
  channel_signal(channel, SIGKILL, 0);
  watch_input(channel);
}

static void enqueue(struct channel *channel, const uint8_t *bytes, size_t size) {
  if (size && byte_queue_add(&channel->input.queue, bytes, size) != 0)
    overrun(channel, (uint32_t)size, "no memory for standard input: the process was killed");
}

/* Lets Ctrl-C and the like through to a program that does not read. Returns how many bytes it has dealt with. */
static size_t interrupt(struct channel *channel, const uint8_t *bytes, size_t size) {
  size_t position, left;
  struct byte_queue *queue = &channel->input.queue;
  switch (terminal_interrupt(input_fd(channel), bytes, size, queue->size > 0, &position)) {
    case INTERRUPT_NONE:
      return 0;
    case INTERRUPT_FLUSHED:
      byte_queue_clear(queue);
      return position;
    case INTERRUPT_SIGNALLED:
      /* The bytes before it keep their place. */
      left = position;
      if (queue->size == 0) left -= write_bytes(channel, bytes, position);
      enqueue(channel, bytes + position - left, left);
      return position + 1;
  }
  return 0;
}

void input_receive(struct channel *channel, const uint8_t *bytes, size_t size) {
  struct input *input = &channel->input;
  if (channel->detached) return;
  if (size > input->credit) {
    overrun(channel, (uint32_t)(size - input->credit), "standard input beyond its window: the process was killed");
    return;
  }
  input->credit -= (uint32_t)size;
  if (input->end_wanted) {
    link_error(channel->id, WB_ERR_BAD_PAYLOAD, WB_FRAME_STDIN, "standard input after its end was discarded");
  } else if (!input->broken) {
    size_t done = channel->terminal && input_fd(channel) >= 0 ? interrupt(channel, bytes, size) : 0;
    if (input->queue.size == 0) done += write_bytes(channel, bytes + done, size - done);
    enqueue(channel, bytes + done, size - done);
  }
  input_turn(channel);
}

void input_end(struct channel *channel) {
  struct input *input = &channel->input;
  if (!channel->terminal) {
    input->end_wanted = 1;
  } else if (input->queue.size < (size_t)input->window + MOST_WAITING_ENDS && input_fd(channel) >= 0 && !input->broken) {
    uint8_t character = terminal_eof_character(input_fd(channel));
    if (input->queue.size > 0 || write_bytes(channel, &character, 1) == 0) enqueue(channel, &character, 1);
  }
  input_turn(channel);
}

uint32_t input_restart(struct channel *channel) {
  struct input *input = &channel->input;
  /* WHY not exactly the rest: end-of-file characters wait beside the window. */
  input->credit = input->queue.size < input->window ? input->window - (uint32_t)input->queue.size : 0;
  return input->credit;
}
