/* A new host takes over: the machine was restored, and the one that had the channels is gone. */
#ifndef RESET_H
#define RESET_H
#include "wire_codec.h"

/*
 * RESET: terminals are kept for the new host, their output held back until it attaches; every other channel is detached. Answers with
 * the list of the terminals. The payload has been checked: 8 bytes.
 */
void reset_receive(const struct wire_frame *frame);

#endif
