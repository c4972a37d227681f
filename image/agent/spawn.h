/* SPAWN frames: gathers a process request, starts the process and answers. */
#ifndef SPAWN_H
#define SPAWN_H
#include "channel.h"
#include "wire_codec.h"

void spawn_receive(const struct wire_frame *frame);
/* Gives up a channel whose request is not complete. */
void spawn_forget(struct channel *channel);

#endif
