/* What the host sends to a process: from the link into its pipe or terminal. */
#ifndef INPUT_H
#define INPUT_H
#include <stddef.h>
#include <stdint.h>
#include "channel.h"

/* `fd` is the pipe, or -1 for a terminal or for none. */
void input_open(struct channel *channel, int fd, uint32_t window);
void input_receive(struct channel *channel, const uint8_t *bytes, size_t size);
/* The host sends no more. A pipe is closed when it has taken everything; a terminal gets its end-of-file character. */
void input_end(struct channel *channel);
/* Writes what the process takes now. */
void input_turn(struct channel *channel);

/* The host is another one: what may be sent to the channel counts from what it still holds. Returns it. */
uint32_t input_restart(struct channel *channel);

#endif
