#include "spawn.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "channel.h"
#include "fields.h"
#include "input.h"
#include "link.h"
#include "output.h"
#include "process.h"
#include "spawn_request.h"
#include "terminal.h"

enum {
  REFUSED_ROOM = 64,                             /* refused requests remembered until their last part, beyond the limit */
  PARTS_BYTES = 16 * WB_LIMIT_SPAWN_BYTES,       /* of all requests that are still incomplete */
  FIRST_ROOM = 1024,
  MESSAGE_BYTES = 512,
};

static size_t parts_bytes;

static void send_failure(uint32_t id, int stage, int error, const char *what, const char *name) {
  uint8_t *at = link_payload();
  put_u16(at, (uint16_t)stage);
  put_u16(at + 2, (uint16_t)error);
  int length = snprintf((char *)at + 4, MESSAGE_BYTES, "%s%s%.300s%s: %s", what, *name ? " '" : "", name, *name ? "'" : "",
                        strerror(error));
  link_commit(WB_FRAME_SPAWN_FAILED, id, 4 + (size_t)(length < MESSAGE_BYTES ? length : MESSAGE_BYTES - 1));
}

static void drop_request(struct channel *channel) {
  free(channel->request);
  parts_bytes -= channel->request_size;
  channel->request = NULL;
  channel->request_size = channel->request_room = 0;
}

void spawn_forget(struct channel *channel) {
  drop_request(channel);
  channel_remove(channel);
}

static void refuse(struct channel *channel, int stage, int error) {
  drop_request(channel);
  channel->state = CHANNEL_REFUSED;
  channel->refused_stage = (uint16_t)stage;
  channel->refused_error = (uint16_t)error;
}

static void add_part(struct channel *channel, const struct wire_frame *frame) {
  size_t size = channel->request_size + frame->length;
  if (size > WB_LIMIT_SPAWN_BYTES) {
    refuse(channel, WB_STAGE_REQUEST, EINVAL);
    return;
  }
  if (size > channel->request_room) {
    size_t room = channel->request_room ? channel->request_room * 2 : FIRST_ROOM;
    while (room < size) room *= 2;
    uint8_t *larger = parts_bytes + frame->length <= PARTS_BYTES ? realloc(channel->request, room) : NULL;
    if (!larger) {
      refuse(channel, WB_STAGE_LIMIT, ENOMEM);
      return;
    }
    channel->request = larger;
    channel->request_room = room;
  }
  if (frame->length) memcpy(channel->request + channel->request_size, frame->payload, frame->length);
  channel->request_size = size;
  parts_bytes += frame->length;
}

/* Both ends of the streams of a process to be: ours are -1 where there is none. */
struct plumbing {
  int theirs[3];
  int ours[3];
};

static void close_all(int *fds) {
  for (int i = 0; i < 3; i++) {
    /* A terminal stands there three times. */
    int shared = i > 0 && fds[i] == fds[i - 1];
    if (fds[i] >= 0 && !shared) close(fds[i]);
  }
}

/* Makes a pipe whose end `ours` (0 or 1) does not block. */
static int open_pipe(int ours, int *our_fd, int *their_fd) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  *our_fd = ends[ours];
  *their_fd = ends[!ours];
  return fcntl(ends[ours], F_SETFL, O_NONBLOCK);
}

/* 0, or -1 with errno; then nothing is open. */
static int plumb(struct plumbing *plumbing, const struct spawn_request *request, uid_t owner) {
  *plumbing = (struct plumbing){{-1, -1, -1}, {-1, -1, -1}};
  int *ours = plumbing->ours, *theirs = plumbing->theirs;
  if (request->flags & WB_SPAWN_PTY) {
    struct terminal_size size = {.columns = request->columns, .rows = request->rows};
    if (terminal_open(&ours[1], &theirs[0], &size, owner) != 0) return -1;
    theirs[1] = theirs[2] = theirs[0];
    return 0;
  }
  int failed;
  if (request->flags & WB_SPAWN_STDIN_NULL) failed = (theirs[0] = open("/dev/null", O_RDONLY | O_CLOEXEC)) < 0;
  else failed = open_pipe(1, &ours[0], &theirs[0]) != 0;
  failed = failed || open_pipe(0, &ours[1], &theirs[1]) != 0 || open_pipe(0, &ours[2], &theirs[2]) != 0;
  if (!failed) return 0;
  int error = errno;
  close_all(ours);
  close_all(theirs);
  errno = error;
  return -1;
}

static uint32_t stdin_window(const struct spawn_request *request) {
  if (request->flags & WB_SPAWN_STDIN_NULL) return 0;
  return channel_count() > WB_LIMIT_CROWDED_FROM ? WB_LIMIT_STDIN_WINDOW_CROWDED : WB_LIMIT_STDIN_WINDOW;
}

static void open_channel(struct channel *channel, const struct spawn_request *request, const int ours[3]) {
  channel->state = CHANNEL_RUNNING;
  channel->terminal = (request->flags & WB_SPAWN_PTY) != 0;
  input_open(channel, ours[0], stdin_window(request));
  output_open(&channel->out, ours[1], WB_STREAM_STDOUT, request->stdout_credit);
  output_open(&channel->err, ours[2], WB_STREAM_STDERR, request->stderr_credit);
  uint8_t *at = link_payload();
  put_u32(at, (uint32_t)channel->pid);
  put_u32(at + 4, channel->input.window);
  link_commit(WB_FRAME_SPAWNED, channel->id, 8);
  output_watch(channel, &channel->out);
  output_watch(channel, &channel->err);
}

static void report(uint32_t id, const struct process_failure *failure, const struct spawn_request *request,
                   const struct launch *launch, const char *user) {
  switch (failure->stage) {
    case WB_STAGE_USER:
      send_failure(id, failure->stage, failure->error, "cannot become user", user);
      break;
    case WB_STAGE_CWD:
      send_failure(id, failure->stage, failure->error, "cannot change to directory", launch->cwd);
      break;
    case WB_STAGE_EXEC:
      send_failure(id, failure->stage, failure->error, "cannot run", request->argv[0]);
      break;
    default:
      send_failure(id, failure->stage, failure->error, "cannot start a process", "");
  }
}

/* Starts the process. 0, or -1 when SPAWN_FAILED was sent. */
static int start(struct channel *channel, const struct spawn_request *request, const struct account *account,
                 const struct launch *launch) {
  struct plumbing plumbing;
  int terminal = (request->flags & WB_SPAWN_PTY) != 0;
  if (plumb(&plumbing, request, account->uid) != 0) {
    if (terminal) send_failure(channel->id, WB_STAGE_PTY, errno, "cannot open a terminal", "");
    else send_failure(channel->id, WB_STAGE_LIMIT, errno, "cannot open pipes", "");
    return -1;
  }
  struct process_failure failure;
  channel->pid = process_start(launch, account, plumbing.theirs, terminal, &failure);
  close_all(plumbing.theirs);
  if (channel->pid < 0) {
    close_all(plumbing.ours);
    report(channel->id, &failure, request, launch, account->name);
    return -1;
  }
  open_channel(channel, request, plumbing.ours);
  return 0;
}

static int spawn_as(struct channel *channel, const struct spawn_request *request) {
  struct account account;
  struct launch launch;
  int error = account_find(&account, request->user), result = -1;
  if (error) {
    send_failure(channel->id, WB_STAGE_USER, error, "no user", request->user);
    return -1;
  }
  error = launch_prepare(&launch, request, &account);
  if (error) send_failure(channel->id, WB_STAGE_LIMIT, error, "no memory for the request", "");
  else result = start(channel, request, &account, &launch);
  launch_free(&launch);
  account_free(&account);
  return result;
}

static void spawn_whole(struct channel *channel) {
  struct spawn_request request;
  int error = spawn_request_parse(&request, channel->request, channel->request_size), result = -1;
  if (error == ENOMEM) send_failure(channel->id, WB_STAGE_LIMIT, error, "no memory for the request", "");
  else if (error) send_failure(channel->id, WB_STAGE_REQUEST, error, "the process request breaks a rule", "");
  else result = spawn_as(channel, &request);
  spawn_request_free(&request);
  drop_request(channel);
  if (result != 0) channel_remove(channel);
}

/* The channel of the first part of a request, or NULL when there is not even room to refuse it. */
static struct channel *begin(uint32_t id) {
  if (channel_count() >= WB_LIMIT_CHANNELS + REFUSED_ROOM) return NULL;
  struct channel *channel = channel_add(id);
  if (channel && channel_count() > WB_LIMIT_CHANNELS) refuse(channel, WB_STAGE_LIMIT, EAGAIN);
  return channel;
}

void spawn_receive(const struct wire_frame *frame) {
  struct channel *channel = channel_find(frame->channel);
  if (channel && channel->state != CHANNEL_REQUESTING && channel->state != CHANNEL_REFUSED) {
    link_error(frame->channel, WB_ERR_DUPLICATE_CHANNEL, frame->channel, "the channel is in use");
    return;
  }
  if (!channel) channel = begin(frame->channel);
  if (!channel) {
    send_failure(frame->channel, WB_STAGE_LIMIT, EAGAIN, "too many channels", "");
    return;
  }
  if (channel->state == CHANNEL_REQUESTING) add_part(channel, frame);
  if (frame->flags & WB_FLAG_MORE) return;
  if (channel->state == CHANNEL_REQUESTING) {
    spawn_whole(channel);
    return;
  }
  const char *what = channel->refused_stage == WB_STAGE_REQUEST ? "the process request is too long" : "too many channels or requests";
  send_failure(channel->id, channel->refused_stage, channel->refused_error, what, "");
  channel_remove(channel);
}
