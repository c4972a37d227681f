#include "link.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>
#include "fields.h"
#include "log.h"
#include "watch.h"

enum {
  WRITE_BYTES = 32 * 1024, /* what one write to a virtio port moves */
  EVENT_BYTES = 8 * 1024,  /* what one event makes the agent send, at most */
  CAPACITY = WRITE_BYTES + EVENT_BYTES,
  PAGES_PER_TURN = 16,
  HOST_AWAY_NS = 5 * 1000 * 1000,
};

static struct watch port;
static int port_is_virtio;
static uint8_t output[CAPACITY];
static size_t output_start, output_end;
static struct wire_decoder decoder;
static uint8_t input[WB_MAX_FRAME];
static const uint8_t *input_at;
static size_t input_left;

void link_setup(int fd, int is_port) {
  port_is_virtio = is_port;
  watch_init(&port, fd, WATCH_LINK, NULL);
  watch_for(&port, EPOLLIN);
}

static size_t room(void) {
  return CAPACITY - (output_end - output_start);
}

int link_has_room(void) {
  return room() >= EVENT_BYTES;
}

uint8_t *link_payload(void) {
  if (CAPACITY - output_end < WB_MAX_FRAME) {
    memmove(output, output + output_start, output_end - output_start);
    output_end -= output_start;
    output_start = 0;
  }
  /* Every event is handled only when link_has_room: this cannot be. */
  if (CAPACITY - output_end < WB_MAX_FRAME) abort();
  return output + output_end + WB_HEADER_SIZE;
}

void link_commit(uint8_t type, uint32_t channel, size_t length) {
  wire_encode_header(output + output_end, type, 0, channel, (uint16_t)length);
  output_end += WB_HEADER_SIZE + length;
}

void link_send(uint8_t type, uint32_t channel, const void *payload, size_t length) {
  uint8_t *at = link_payload();
  if (length) memcpy(at, payload, length);
  link_commit(type, channel, length);
}

void link_send_u32(uint8_t type, uint32_t channel, uint32_t value) {
  put_u32(link_payload(), value);
  link_commit(type, channel, 4);
}

void link_error(uint32_t channel, uint16_t code, uint32_t detail, const char *text) {
  uint8_t *at = link_payload();
  size_t length = strnlen(text, WB_LIMIT_MESSAGE_BYTES);
  put_u16(at, code);
  put_u16(at + 2, 0);
  put_u32(at + 4, detail);
  memcpy(at + 8, text, length);
  link_commit(WB_FRAME_ERROR, channel, 8 + length);
}

static void gone(const char *what) {
  /* A new agent finds the port again; what ran goes on without us. */
  if (port_is_virtio) die(what);
  _exit(0);
}

void link_flush(void) {
  while (output_start < output_end) {
    size_t size = output_end - output_start;
    ssize_t sent = write(port.fd, output + output_start, size < WRITE_BYTES ? size : WRITE_BYTES);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) break;
    if (sent < 0) gone("writing to the link");
    output_start += (size_t)sent;
  }
  if (output_start == output_end) output_start = output_end = 0;
  watch_for(&port, output_end ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void pause_for_host(void) {
  struct timespec time = {.tv_nsec = HOST_AWAY_NS};
  nanosleep(&time, NULL);
}

void link_wait(void) {
  struct pollfd wait = {.fd = port.fd, .events = POLLOUT};
  /* A port whose host is away says "hung up" at once, for as long as it lasts. */
  if (poll(&wait, 1, -1) > 0 && !(wait.revents & POLLOUT) && port_is_virtio) pause_for_host();
}

/* Reads one piece into `input`. Returns 0 when there is none now. */
static int read_piece(void) {
  ssize_t got;
  do got = read(port.fd, input, sizeof input);
  while (got < 0 && errno == EINTR);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got < 0) gone("reading from the link");
  if (got == 0) {
    if (!port_is_virtio) gone("");
    pause_for_host();
    return 0;
  }
  input_at = input;
  input_left = (size_t)got;
  return 1;
}

int link_receive(void (*receive)(const struct wire_frame *frame)) {
  for (int pages = 0;;) {
    struct wire_frame frame;
    while (link_has_room() || (link_flush(), link_has_room())) {
      if (!wire_decode(&decoder, &input_at, &input_left, &frame)) goto used_up;
      if (frame.skipped) {
        uint32_t detail = frame.skipped > UINT32_MAX ? UINT32_MAX : (uint32_t)frame.skipped;
        link_error(0, WB_ERR_RESYNC, detail, "bytes that belong to no frame were dropped");
      }
      receive(&frame);
    }
    return 1;
  used_up:
    if (pages++ == PAGES_PER_TURN || !read_piece()) return 0;
  }
}
