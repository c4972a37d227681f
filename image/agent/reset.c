#include "reset.h"
#include <string.h>
#include "channel.h"
#include "fields.h"
#include "input.h"
#include "link.h"
#include "output.h"
#include "spawn.h"
#include "terminal.h"

enum { NONCE = 8, ENTRY = 16 };

static uint8_t *answer;
static size_t answer_size;

static int is_kept(const struct channel *channel) {
  return channel->terminal && channel->state == CHANNEL_RUNNING && !channel->detached && channel->out.watch.fd >= 0 &&
         answer_size < NONCE + ENTRY * WB_LIMIT_KEPT_TERMINALS;
}

static void keep(struct channel *channel) {
  struct terminal_size size = terminal_size_of(channel->out.watch.fd);
  output_set_credit(channel, &channel->out, 0);
  uint8_t *at = answer + answer_size;
  put_u32(at, channel->id);
  put_u32(at + 4, (uint32_t)channel->pid);
  put_u32(at + 8, input_restart(channel));
  put_u16(at + 12, size.columns);
  put_u16(at + 14, size.rows);
  answer_size += ENTRY;
}

static void visit(struct channel *channel) {
  if (channel->orphan || channel->state == CHANNEL_GONE) return;
  if (channel->state == CHANNEL_REQUESTING || channel->state == CHANNEL_REFUSED) spawn_forget(channel);
  else if (is_kept(channel)) keep(channel);
  else channel_orphan(channel);
}

void reset_receive(const struct wire_frame *frame) {
  answer = link_payload();
  memcpy(answer, frame->payload, NONCE);
  answer_size = NONCE;
  channel_each(visit);
  link_commit(WB_FRAME_RESET_DONE, 0, answer_size);
}
