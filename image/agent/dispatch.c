#include "dispatch.h"
#include <signal.h>
#include <string.h>
#include "channel.h"
#include "clock_seed.h"
#include "fields.h"
#include "identity.h"
#include "input.h"
#include "link.h"
#include "output.h"
#include "reset.h"
#include "spawn.h"
#include "terminal.h"

#ifndef BUILD_ID
#define BUILD_ID "warmboot-agent 1"
#endif

enum { HELLO_HEAD = 12, IDENTITY = MACHINE_ID_BYTES + MAC_BYTES + 2, MOST_SIGNAL = 64 };

static int own_machine;

void dispatch_setup(int hosted) {
  own_machine = !hosted;
}

void dispatch_announce(void) {
  uint8_t payload[4] = {0};
  put_u16(payload, WB_LINK_VERSION);
  link_send(WB_FRAME_ANNOUNCE, 0, payload, sizeof payload);
}

static void bad_payload(const struct wire_frame *frame) {
  link_error(frame->channel, WB_ERR_BAD_PAYLOAD, frame->type, "a frame has a payload that breaks a rule");
}

static void hello(const struct wire_frame *frame) {
  if (frame->length < 2) {
    bad_payload(frame);
    return;
  }
  /* Another version may mean other fields: only the answer is certain. */
  if (get_u16(frame->payload) == WB_LINK_VERSION) {
    size_t seed = frame->length < HELLO_HEAD ? 0 : get_u16(frame->payload + 2);
    if (frame->length != HELLO_HEAD + seed || seed > WB_LIMIT_SEED_BYTES) {
      bad_payload(frame);
      return;
    }
    if (own_machine) {
      set_clock(get_u64(frame->payload + 4));
      seed_random_pool(frame->payload + HELLO_HEAD, seed);
    }
  }
  uint8_t *at = link_payload();
  put_u16(at, WB_LINK_VERSION);
  put_u16(at + 2, 0);
  put_u32(at + 4, WB_LIMIT_CHANNELS);
  memcpy(at + 8, BUILD_ID, sizeof BUILD_ID - 1);
  link_commit(WB_FRAME_READY, 0, 8 + sizeof BUILD_ID - 1);
}

static void identity(const struct wire_frame *frame) {
  if (frame->length != IDENTITY) {
    bad_payload(frame);
    return;
  }
  if (!own_machine) return;
  set_machine_id(frame->payload);
  set_mac(frame->payload + MACHINE_ID_BYTES);
  renew_host_keys();
}

static void link_frame(const struct wire_frame *frame) {
  if (frame->type == WB_FRAME_HELLO) hello(frame);
  else if (frame->type == WB_FRAME_IDENTITY) identity(frame);
  else if (frame->length != 8) bad_payload(frame);
  else if (frame->type == WB_FRAME_RESET) reset_receive(frame);
  else link_send(WB_FRAME_PONG, 0, frame->payload, 8);
}

static void credit(struct channel *channel, const struct wire_frame *frame) {
  uint8_t stream = frame->length == 8 ? frame->payload[0] : 0;
  if (stream == WB_STREAM_STDOUT) output_add_credit(channel, &channel->out, get_u32(frame->payload + 4));
  else if (stream == WB_STREAM_STDERR) output_add_credit(channel, &channel->err, get_u32(frame->payload + 4));
  else bad_payload(frame);
}

static void signal_frame(struct channel *channel, const struct wire_frame *frame) {
  const uint8_t *at = frame->payload;
  if (frame->length != 4 || at[0] == 0 || at[0] > MOST_SIGNAL || at[1] > WB_TARGET_PROCESS) bad_payload(frame);
  else channel_signal(channel, at[0], at[1] == WB_TARGET_PROCESS);
}

static void resize(struct channel *channel, const struct wire_frame *frame) {
  const uint8_t *at = frame->payload;
  if (frame->length != 8 || !channel->terminal) {
    bad_payload(frame);
    return;
  }
  struct terminal_size size = {get_u16(at), get_u16(at + 2), get_u16(at + 4), get_u16(at + 6)};
  if (channel->out.watch.fd >= 0) terminal_resize(channel->out.watch.fd, &size);
}

static void attach(struct channel *channel, const struct wire_frame *frame) {
  const uint8_t *at = frame->payload;
  if (frame->length != 12 || !channel->terminal) {
    bad_payload(frame);
    return;
  }
  struct terminal_size size = {get_u16(at + 4), get_u16(at + 6), get_u16(at + 8), get_u16(at + 10)};
  if (channel->out.watch.fd >= 0) terminal_resize(channel->out.watch.fd, &size);
  output_set_credit(channel, &channel->out, get_u32(at));
}

static void process_frame(struct channel *channel, const struct wire_frame *frame) {
  switch (frame->type) {
    case WB_FRAME_STDIN:
      input_receive(channel, frame->payload, frame->length);
      break;
    case WB_FRAME_STDIN_EOF:
      if (frame->length == 0) input_end(channel);
      else bad_payload(frame);
      break;
    case WB_FRAME_CREDIT:
      credit(channel, frame);
      break;
    case WB_FRAME_SIGNAL:
      signal_frame(channel, frame);
      break;
    case WB_FRAME_RESIZE:
      resize(channel, frame);
      break;
    case WB_FRAME_ATTACH:
      attach(channel, frame);
      break;
    case WB_FRAME_DETACH:
      if (frame->length == 0) channel_detach(channel);
      else bad_payload(frame);
      break;
  }
}

static int is_process_frame(uint8_t type) {
  return type >= WB_FRAME_SPAWN && type <= WB_FRAME_ATTACH;
}

void dispatch(const struct wire_frame *frame) {
  int is_link_frame = frame->type >= WB_FRAME_HELLO && frame->type <= WB_FRAME_IDENTITY;
  if (!is_link_frame && !is_process_frame(frame->type)) {
    link_error(frame->channel, WB_ERR_UNKNOWN_TYPE, frame->type, "a frame of unknown type was skipped");
    return;
  }
  if (is_link_frame != (frame->channel == 0)) {
    link_error(frame->channel, WB_ERR_UNKNOWN_CHANNEL, frame->channel, "a frame that does not belong to this channel");
    return;
  }
  if (is_link_frame) {
    link_frame(frame);
    return;
  }
  if (frame->type == WB_FRAME_SPAWN) {
    spawn_receive(frame);
    return;
  }
  struct channel *channel = channel_find(frame->channel);
  /* A channel that is gone: the frame crossed with CLOSED or SPAWN_FAILED. */
  if (!channel || channel->state == CHANNEL_REQUESTING || channel->state == CHANNEL_REFUSED) return;
  process_frame(channel, frame);
}
