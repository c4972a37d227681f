/* What processes write: from their pipes and terminals to the link. */
#ifndef OUTPUT_H
#define OUTPUT_H
#include "channel.h"

/* Makes the fd the source of this stream. */
void output_open(struct output *output, int fd, uint8_t stream, uint32_t credit);
/* What the host may still be sent, whatever it was before. */
void output_set_credit(struct channel *channel, struct output *output, uint32_t credit);
void output_add_credit(struct channel *channel, struct output *output, uint32_t amount);
/* Brings what the agent waits for into line with credit and (for a terminal) waiting input. */
void output_watch(struct channel *channel, struct output *output);
/* The process has ended: what lies unread now must be forwarded before EXIT. */
void output_owe(struct channel *channel, struct output *output);
/* Forwards one frame. Needs link_has_room. Returns 1 when there is probably more. */
int output_turn(struct channel *channel, struct output *output);

#endif
