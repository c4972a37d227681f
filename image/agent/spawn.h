/* SPAWN frames: gathers a process request, starts the process and answers. */
#ifndef SPAWN_H
#define SPAWN_H
#include "wire_codec.h"

void spawn_receive(const struct wire_frame *frame);

#endif
